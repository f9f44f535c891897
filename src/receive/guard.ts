// Authentication. A failure is counted, logged at most once a minute per address, and answered after a back-off that grows per
// address; other addresses do not wait. `auth.ts` decides who is authenticated.

import type { IncomingMessage } from "node:http";
import type { Auth, Credential, PasswordCredential } from "../config/config.ts";
import type { Hook } from "../domain/intake.ts";
import type { Clock } from "../observe/clock.ts";
import type { Log } from "../observe/log.ts";
import type { AuthReason, Metrics, ProtectedEndpoint } from "../observe/metrics.ts";
import type { RequestSignature } from "../outbox/store.ts";
import { challenge, judgeBody, judgeHead, type Presented } from "./auth.ts";
import type { AuthFailures } from "./auth-failures.ts";
import { clientOf } from "./client.ts";
import { errorResponse, type JsonResponse } from "./json-response.ts";
import { PasswordsBusy, type VerifyFor } from "./passwords.ts";
import { isCrossSite, isOfThisMachine, mayBeRebound } from "./request-origin.ts";

export interface GuardDeps {
  readonly auth: Auth;
  /** Users of --web.config.file. A request needs one of them besides its other credentials; empty: none needed. */
  readonly users: readonly PasswordCredential[];
  readonly verify: VerifyFor;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Signed times come from the senders' clocks and are compared with `wall`. */
  readonly clock: Clock;
  readonly outbox: { now(): number };
  /** They outlive a configuration. */
  readonly failures: AuthFailures;
}

export type Guarded =
  | { readonly kind: "allowed"; readonly signature: RequestSignature | null }
  | { readonly kind: "needsBody" }
  | RejectedRequest;

export interface RejectedRequest {
  readonly kind: "rejected";
  readonly response: JsonResponse;
}

export interface Guard {
  /** Before anything else, whatever the credentials are: a browser sends them along. Null when no other site may have sent it. */
  crossSite(req: IncomingMessage, endpoint: ProtectedEndpoint): Promise<RejectedRequest | null>;
  /** Before the body is read. */
  head(hook: Hook, req: IncomingMessage): Promise<Guarded>;
  /** When `head` needs the body: the bytes as they were signed. */
  body(hook: Hook, req: IncomingMessage, bytes: Uint8Array): Promise<Exclude<Guarded, { kind: "needsBody" }>>;
  /** The outbox has accepted the signature of this allowed request before. */
  replayed(hook: Hook, req: IncomingMessage): Promise<RejectedRequest>;
  /** What shows alert text or changes anything. While nobody has credentials for it, only this machine may. */
  admin(req: IncomingMessage): Promise<Guarded>;
  /** As `admin`; while nobody has credentials for it, anybody may. */
  metrics(req: IncomingMessage): Promise<Guarded>;
  /** The users of --web.config.file alone. */
  front(req: IncomingMessage): Promise<{ readonly kind: "allowed" } | RejectedRequest>;
  /** What was typed into the log-in page is wrong. */
  wrong(req: IncomingMessage): Promise<RejectedRequest>;
}

export function createGuard(deps: GuardDeps): Guard {
  const reject = rejecting(deps);
  const judge = async (endpoint: ProtectedEndpoint, credentials: readonly Credential[], req: IncomingMessage) => {
    const presented = presentedBy(req);
    const now = deps.clock.wall();
    const verify = deps.verify(clientOf(req));
    const verdict = await judgeHead(credentials, presented, { now, verify }).catch(busy);
    if (verdict.kind !== "rejected" || "response" in verdict) return verdict;
    return reject({ endpoint, credentials, req }, verdict.reason);
  };
  const isOpen = (credentials: readonly Credential[]) => credentials.length + deps.users.length === 0;
  const head = async (endpoint: ProtectedEndpoint, credentials: readonly Credential[], req: IncomingMessage) => {
    const user = await judge(endpoint, deps.users, req);
    return user.kind === "allowed" ? judge(endpoint, credentials, req) : user;
  };
  const rejectHook = (hook: Hook, req: IncomingMessage, reason: AuthReason) =>
    reject({ endpoint: endpointOf(hook), credentials: credentialsFor(deps.auth, hook), req }, reason);
  const metrics = async (req: IncomingMessage) => {
    const { admin } = deps.auth;
    const verdict = await head("admin", admin, req);
    if (verdict.kind !== "needsBody") return verdict;
    // Pages and metrics are requested without a body, so there is nothing to sign.
    return reject({ endpoint: "admin", credentials: admin, req }, "wrong");
  };
  return {
    crossSite: async (req, endpoint) =>
      isCrossSite(req) ? reject({ endpoint, credentials: [], req }, "crossSite") : null,
    async head(hook, req) {
      const credentials = credentialsFor(deps.auth, hook);
      if (isOpen(credentials) && mayBeRebound(req)) return rejectHook(hook, req, "crossSite");
      return head(endpointOf(hook), credentials, req);
    },
    async body(hook, req, bytes) {
      const body = { bytes, now: deps.clock.wall(), outboxNow: deps.outbox.now() };
      const verdict = judgeBody(credentialsFor(deps.auth, hook), presentedBy(req), body);
      return verdict.kind === "rejected" ? rejectHook(hook, req, verdict.reason) : verdict;
    },
    replayed: (hook, req) => rejectHook(hook, req, "replayed"),
    async front(req) {
      const user = await judge("admin", deps.users, req);
      return user.kind === "rejected" ? user : { kind: "allowed" };
    },
    wrong: (req) => reject({ endpoint: "admin", credentials: [], req }, "wrong"),
    async admin(req) {
      if (!isOpen(deps.auth.admin) || isOfThisMachine(req)) return metrics(req);
      return reject({ endpoint: "admin", credentials: [], req }, "notLocal");
    },
    metrics,
  };
}

export function busy(error: unknown): RejectedRequest {
  if (!(error instanceof PasswordsBusy)) throw error;
  const message = "too many passwords are waiting for comparison; send again later";
  return { kind: "rejected", response: errorResponse(503, "unavailable", message) };
}

/** An alias is another address of one of our own endpoints. */
function endpointOf(hook: Hook): ProtectedEndpoint {
  if (hook.kind !== "alias") return hook.kind;
  return hook.bots.length === 0 ? "route" : "bot";
}

/** An alias with several bots has none that has its own credentials (`compat.ts` rejects it). */
function credentialsFor(auth: Auth, hook: Hook): readonly Credential[] {
  const bot = hook.kind === "alias" ? hook.bots[0] : hook.kind === "bot" ? hook.bot : undefined;
  return (bot === undefined ? undefined : auth.bots.get(bot)) ?? auth.webhook;
}

export function presentedBy(req: IncomingMessage): Presented {
  return {
    header(name) {
      const value = req.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : (value ?? null);
    },
    query: (name) => new URLSearchParams(/\?(.*)$/s.exec(req.url ?? "")?.[1]).get(name),
  };
}

interface FailedRequest {
  readonly endpoint: ProtectedEndpoint;
  readonly credentials: readonly Credential[];
  readonly req: IncomingMessage;
}

function rejecting({ metrics, log, clock, failures }: GuardDeps) {
  return async (request: FailedRequest, reason: AuthReason): Promise<RejectedRequest> => {
    const { endpoint, credentials, req } = request;
    const { delayMs, silent } = failures.record(clientOf(req), clock.now());
    metrics.authFailures.inc({ hook: endpoint, reason });
    const address = req.socket.remoteAddress ?? "unknown";
    if (silent !== null) log.warn({ address, hook: endpoint, reason, silent }, "authentication failed");
    // Nobody will read its body, which would wait in memory.
    req.resume();
    await clock.sleep(delayMs, new AbortController().signal);
    const response = failureResponses[reason];
    const schemes = response.status === 401 ? challenge(credentials) : null;
    if (schemes === null) return { kind: "rejected", response };
    return { kind: "rejected", response: { ...response, headers: { "WWW-Authenticate": schemes } } };
  };
}

/** 401: other credentials may be right. 403: no credentials help. */
const failureResponses: Readonly<Record<AuthReason, JsonResponse>> = {
  missing: errorResponse(
    401,
    "credentials_missing",
    "the request has none of the credentials that this service accepts; send those of auth in its config",
  ),
  wrong: errorResponse(
    401,
    "credentials_wrong",
    "the credentials or the signature of the body are wrong; compare them with auth in the service's config",
  ),
  stale: errorResponse(
    403,
    "signature_stale",
    "the signed time is too far from this machine's time; check both clocks",
  ),
  replayed: errorResponse(
    403,
    "signature_replayed",
    "a request with this signature was accepted before; sign each request with a new time",
  ),
  crossSite: errorResponse(
    403,
    "cross_site",
    "a page of another site sent this; open the page of this service instead, under its own address",
  ),
  notLocal: errorResponse(
    403,
    "not_local",
    "without auth.admin in the config, only programs of this machine are answered here; set auth.admin",
  ),
};
