// Shell: lets requests in or turns them away. Counts, logs once a minute and address, and keeps strangers waiting, each longer
// than before; nobody else waits with them. What is judged, `auth` decides.

import type { IncomingMessage } from "node:http";
import type { Auth, Credential, PasswordCredential } from "../config/config.ts";
import type { Hook } from "../domain/intake.ts";
import type { Clock } from "../observe/clock.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { AuthReason, ProtectedEndpoint } from "../observe/receive-metrics.ts";
import { type Answer, refusal } from "./answer.ts";
import { type AuthVerdict, challenge, judgeBody, judgeHead, type Presented, type VerifyPassword } from "./auth.ts";
import { type AuthFailures, createAuthFailures } from "./auth-failures.ts";
import { PasswordsBusy } from "./passwords.ts";
import { createReplays, type Replays } from "./replays.ts";

export interface GuardDeps {
  readonly auth: () => Auth;
  /** Of --web.config.file: a request has to be one of them as well; empty: anyone. */
  readonly users: readonly PasswordCredential[];
  readonly verify: VerifyPassword;
  readonly metrics: Pick<Metrics, "authFailed">;
  readonly log: Log;
  /** Signed times are compared with its wall: they are of the senders' clocks. */
  readonly clock: Clock;
  readonly memory: GuardMemory;
}

/** What is remembered of earlier requests, whatever the config was then. */
export interface GuardMemory {
  readonly replays: Replays;
  readonly strangers: AuthFailures;
}

export function createGuardMemory(): GuardMemory {
  return { replays: createReplays(), strangers: createAuthFailures() };
}

export type Guarded =
  | { readonly kind: "allowed" }
  | { readonly kind: "needsBody" }
  | { readonly kind: "refused"; readonly answer: Answer };

export interface Guard {
  /** Before the body is read. */
  head(hook: Hook, req: IncomingMessage): Promise<Guarded>;
  /** Where `head` said that it needs the body: the bytes as they were signed. */
  body(hook: Hook, req: IncomingMessage, bytes: Uint8Array): Promise<Guarded>;
  /** What was let in was not stored: its signature may come again. */
  release(hook: Hook, req: IncomingMessage): void;
  admin(req: IncomingMessage): Promise<Guarded>;
}

export function createGuard(deps: GuardDeps): Guard {
  const { replays } = deps.memory;
  const reject = turningAway(deps);
  const judge = async (face: ProtectedEndpoint, credentials: readonly Credential[], req: IncomingMessage) => {
    const verdict = await judgeHead(credentials, presentedBy(req), {
      now: deps.clock.wall(),
      verify: deps.verify,
    }).catch(busy);
    if (verdict.kind !== "refused" || "answer" in verdict) return verdict;
    return reject({ face, credentials, req }, verdict);
  };
  const head = async (face: ProtectedEndpoint, credentials: readonly Credential[], req: IncomingMessage) => {
    const user = await judge(face, deps.users, req);
    return user.kind === "allowed" ? judge(face, credentials, req) : user;
  };
  return {
    head: (hook, req) => head(faceOf(hook), credentialsFor(deps.auth(), hook), req),
    async body(hook, req, bytes) {
      const credentials = credentialsFor(deps.auth(), hook);
      const verdict = judgeBody(credentials, presentedBy(req), { bytes, now: deps.clock.wall(), replays });
      return verdict.kind === "refused" ? reject({ face: faceOf(hook), credentials, req }, verdict) : verdict;
    },
    release(hook, req) {
      for (const credential of credentialsFor(deps.auth(), hook)) {
        if (credential.kind === "hmac") replays.release(presentedBy(req).header(credential.header) ?? "");
      }
    },
    async admin(req) {
      const { admin } = deps.auth();
      const verdict = await head("admin", admin, req);
      // Pages and metrics are read without a body, so there is nothing that could be signed.
      return verdict.kind === "needsBody"
        ? reject({ face: "admin", credentials: admin, req }, { status: 401, reason: "wrong" })
        : verdict;
    },
  };
}

function busy(error: unknown): { readonly kind: "refused"; readonly answer: Answer } {
  if (!(error instanceof PasswordsBusy)) throw error;
  return { kind: "refused", answer: refusal(503, "unavailable", "too many passwords wait to be compared; send again") };
}

/** An alias is one of our own faces by another name. */
function faceOf(hook: Hook): ProtectedEndpoint {
  if (hook.kind !== "alias") return hook.kind;
  return hook.bots.length === 0 ? "route" : "bot";
}

/** An alias that names several bots names none that has credentials of its own. */
function credentialsFor(auth: Auth, hook: Hook): readonly Credential[] {
  const bot = hook.kind === "alias" ? hook.bots[0] : hook.kind === "bot" ? hook.bot : undefined;
  return (bot === undefined ? undefined : auth.bots.get(bot)) ?? auth.webhook;
}

function presentedBy(req: IncomingMessage): Presented {
  return {
    header(name) {
      const value = req.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : (value ?? null);
    },
    query: (name) => new URLSearchParams(/\?(.*)$/s.exec(req.url ?? "")?.[1]).get(name),
  };
}

interface FailingAddress {
  readonly face: ProtectedEndpoint;
  readonly credentials: readonly Credential[];
  readonly req: IncomingMessage;
}

type Refusal = Pick<Extract<AuthVerdict, { readonly kind: "refused" }>, "status" | "reason">;

function turningAway({ metrics, log, clock, memory: { strangers } }: GuardDeps) {
  return async ({ face, credentials, req }: FailingAddress, { status, reason }: Refusal): Promise<Guarded> => {
    const address = req.socket.remoteAddress ?? "unknown";
    const { delayMs, silent } = strangers.refused(address, clock.now());
    metrics.authFailed(face, reason);
    if (silent !== null) log.warn({ address, hook: face, reason, silent }, "refused a request for its credentials");
    await clock.sleep(delayMs, new AbortController().signal);
    const asked = status === 401 ? challenge(credentials) : null;
    const answer = refusal(status, codes[reason], sentences[reason]);
    return { kind: "refused", answer: asked === null ? answer : { ...answer, headers: { "WWW-Authenticate": asked } } };
  };
}

const codes = {
  missing: "credentials_missing",
  wrong: "credentials_wrong",
  stale: "signature_stale",
  replayed: "signature_replayed",
} as const satisfies Readonly<Record<AuthReason, string>>;

const sentences: Readonly<Record<AuthReason, string>> = {
  missing: "this service asks for credentials and the request has none of those it knows; see auth in its config",
  wrong: "the credentials, or the signature of the body, are wrong",
  stale: "the signed time is too far from this machine's; check both clocks",
  replayed: "a request with this signature was taken before",
};
