// The client of one Alertmanager, or of several that share their silences (a cluster): they are tried in turn until one answers. It
// follows no redirect: the credentials are for these addresses only.

import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher } from "undici";
import type { LabelMatcher } from "../domain/action.ts";
import {
  type CurrentAlert,
  type CurrentSilence,
  readAlerts,
  readRejection,
  readSilence,
  readSilenceId,
} from "./alertmanager-answers.ts";

export interface AlertmanagerAddress {
  /** Each without a trailing slash; `/api/v2/…` follows. */
  readonly urls: readonly string[];
  /** Sent with each request. Called just before, because it may reveal a secret. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** PEM certificates trusted besides Node's own; null for none. */
  readonly ca: string | null;
}

export type AlertmanagerReply<T> =
  | { readonly kind: "answered"; readonly value: T }
  /** It rejects this request; another address would too. `message` is its own, in one line. */
  | { readonly kind: "rejected"; readonly status: number; readonly message: string }
  /** No address answered. `isInDoubt`: the request may have been carried out. */
  | { readonly kind: "failed"; readonly code: string; readonly isInDoubt: boolean };

export interface NewSilence {
  readonly matchers: readonly LabelMatcher[];
  /** Epoch ms. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

export interface AlertmanagerClient {
  /** The alerts that pass all filters and fire, silenced and inhibited ones included. */
  alerts(filters: readonly string[], deadlineMs: number): Promise<AlertmanagerReply<readonly CurrentAlert[]>>;
  silence(id: string, deadlineMs: number): Promise<AlertmanagerReply<CurrentSilence>>;
  /** Returns its id. */
  createSilence(silence: NewSilence, deadlineMs: number): Promise<AlertmanagerReply<string>>;
  expireSilence(id: string, deadlineMs: number): Promise<AlertmanagerReply<null>>;
  /** Waits for requests that set something; requests that only read are aborted. */
  close(): Promise<void>;
}

/** Ten thousand alerts take about as much. */
const answerMaxBytes = 8 * 1024 * 1024;

/** Shorter than the idle time-outs of Go's servers and of usual proxies. */
const keepAliveMs = 4_000;

interface ApiRequest<T> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below /api/v2. */
  readonly path: string;
  readonly body?: string;
  /** Null: the answer has another shape. */
  readonly read: (text: string) => T | null;
  /** For all addresses together. */
  readonly deadlineMs: number;
}

export function createAlertmanagerClient(address: AlertmanagerAddress): AlertmanagerClient {
  // The option `ca` replaces Node's list, so the list is included.
  const trusted = address.ca === null ? {} : { ca: [...getCACertificates("default"), address.ca] };
  const agent = new Agent({ connect: trusted, keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs });
  const ask = askingInTurn(address, agent);
  const setting = new Set<Promise<unknown>>();
  const set = <T>(request: ApiRequest<T>): Promise<AlertmanagerReply<T>> => {
    const reply = ask(request);
    setting.add(reply);
    return reply.finally(() => setting.delete(reply));
  };
  return {
    alerts(filters, deadlineMs) {
      const query = new URLSearchParams(filters.map((filter): [string, string] => ["filter", filter]));
      return ask({ method: "GET", path: `/alerts?${query}`, read: readAlerts, deadlineMs });
    },
    silence: (id, deadlineMs) =>
      ask({ method: "GET", path: `/silence/${encodeURIComponent(id)}`, read: readSilence, deadlineMs }),
    createSilence(silence, deadlineMs) {
      const body = silenceBody(silence);
      return set({ method: "POST", path: "/silences", body, read: readSilenceId, deadlineMs });
    },
    async expireSilence(id, deadlineMs) {
      const path = `/silence/${encodeURIComponent(id)}`;
      const reply = await set({ method: "DELETE", path, read: () => id, deadlineMs });
      return reply.kind === "answered" ? { kind: "answered", value: null } : reply;
    },
    async close() {
      await Promise.all(setting);
      await agent.destroy();
    },
  };
}

type Ask = <T>(request: ApiRequest<T>) => Promise<AlertmanagerReply<T>>;

function askingInTurn({ urls, headers }: AlertmanagerAddress, agent: Dispatcher): Ask {
  // Only the member that made a silence has it at once, so the one that answered last is asked first.
  let first = 0;
  return async <T>(request: ApiRequest<T>): Promise<AlertmanagerReply<T>> => {
    const deadlineAt = performance.now() + request.deadlineMs;
    let reply: AlertmanagerReply<T> = { kind: "failed", code: "DEADLINE_TIMEOUT", isInDoubt: false };
    for (const [n] of urls.entries()) {
      const at = (first + n) % urls.length;
      // Each has an equal share of the time that is left, so that one that hangs leaves time for the next.
      const timeoutMs = Math.ceil((deadlineAt - performance.now()) / (urls.length - n));
      if (timeoutMs <= 0) break;
      reply = await askOne(request, { url: urls[at] ?? "", headers: headers(), agent, timeoutMs });
      if (reply.kind !== "failed") first = at;
      // A request that may have been carried out is not repeated.
      if (reply.kind !== "failed" || (request.method === "POST" && reply.isInDoubt)) return reply;
    }
    return reply;
  };
}

function silenceBody({ matchers, startsAt, endsAt, createdBy, comment }: NewSilence): string {
  return JSON.stringify({
    matchers: matchers.map(({ name, op, value }) => {
      return { name, value, isRegex: op.endsWith("~"), isEqual: op.startsWith("=") };
    }),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    createdBy,
    comment,
  });
}

interface OneAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Dispatcher;
  readonly timeoutMs: number;
}

async function askOne<T>(request: ApiRequest<T>, address: OneAddress): Promise<AlertmanagerReply<T>> {
  const { method, path, body = null, read } = request;
  const { url, headers, agent, timeoutMs } = address;
  const { origin, pathname } = new URL(url);
  try {
    const response = await agent.request({
      origin,
      path: `${pathname.replace(/\/+$/, "")}/api/v2${path}`,
      method,
      headers: { ...headers, accept: "application/json", "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await textOf(response.body);
    if (text === null) return { kind: "failed", code: "ANSWER_TOO_LARGE", isInDoubt: true };
    return replyOf(response.statusCode, text, read);
  } catch (cause) {
    const code = codeOf(cause);
    return { kind: "failed", code, isInDoubt: afterItLeft.has(code) };
  }
}

function replyOf<T>(status: number, text: string, read: (text: string) => T | null): AlertmanagerReply<T> {
  if (status >= 500) return { kind: "failed", code: `HTTP_${status}`, isInDoubt: ofGateway.has(status) };
  if (status !== 200) return { kind: "rejected", status, message: readRejection(text) };
  const value = read(text);
  if (value === null) return { kind: "failed", code: "UNREADABLE_ANSWER", isInDoubt: true };
  return { kind: "answered", value };
}

/** A proxy passed the request on and got no answer (RFC 9110, 15.6.3 and 15.6.5). */
const ofGateway: ReadonlySet<number> = new Set([502, 504]);

async function textOf(body: Dispatcher.ResponseData["body"]): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > answerMaxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A connection that was never made carried no request. */
const afterItLeft: ReadonlySet<string> = new Set([
  ...["TimeoutError", "AbortError", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"],
  ...["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_ABORTED"],
]);

/** The code of an error without its message, which may hold an address. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^\w{1,60}$/.test(code) ? code : "UNKNOWN";
}
