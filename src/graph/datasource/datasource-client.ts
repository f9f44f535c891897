// The HTTP client of one datasource: one POST with a form, or one GET, per call. It asks the configured address only, refuses
// redirects, counts the bytes as they arrive, does not retry and never throws. Reasons hold no address and no text of the answer.

import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher } from "undici";
import type { DatasourceSettings } from "../../config/datasources.ts";
import { authorizationHeader } from "../../config/outgoing-credential.ts";
import type { Clock } from "../../observe/clock.ts";

export type DatasourceReply =
  | { readonly kind: "answered"; readonly text: string }
  | {
      readonly kind: "failed";
      readonly reason: "timeout" | "tooLarge" | "unreachable" | "rejected" | "badQuery";
      /** For the log: an HTTP status, or the code of a system error. */
      readonly detail: string;
    };

export interface DatasourceRequest {
  /** Below the address of the datasource, like `/api/v1/query`. */
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly parameters: URLSearchParams;
}

export interface DatasourceClient {
  /** Always resolves within the time-out. */
  send(request: DatasourceRequest): Promise<DatasourceReply>;
  /** Ends the requests in progress. */
  close(): Promise<void>;
}

interface ClientOptions {
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, "sleep">;
}

/** 20,000 series of an instant query take 1.8 MB. */
const answerMaxBytes = 4 * 1024 * 1024;

export function createDatasourceClient(
  settings: Pick<DatasourceSettings, "url" | "credential" | "headers" | "ca">,
  { timeoutMs, clock }: ClientOptions,
): DatasourceClient {
  const { ca, url } = settings;
  // The option `ca` replaces Node's list, so the list is included.
  const trusted = ca === null ? {} : { ca: [...getCACertificates("default"), ca] };
  const agent = new Agent({ connect: { ...trusted, timeout: timeoutMs }, keepAliveTimeout: 4_000, pipelining: 1 });
  const base = new URL(url);
  const closing = new AbortController();
  return {
    async send(request) {
      const deadline = new AbortController();
      const over = AbortSignal.any([deadline.signal, closing.signal]);
      const timer = new AbortController();
      let isLate = false;
      void clock.sleep(timeoutMs, timer.signal).then(() => {
        isLate = !timer.signal.aborted;
        deadline.abort();
      });
      try {
        return await answerTo(agent, optionsOf({ base, request, settings, signal: over }));
      } catch (cause) {
        if (isLate) return { kind: "failed", reason: "timeout", detail: `${timeoutMs} ms` };
        return { kind: "failed", reason: "unreachable", detail: codeOf(cause) };
      } finally {
        timer.abort();
      }
    },
    async close() {
      closing.abort();
      await agent.destroy();
    },
  };
}

interface RequestParts {
  readonly base: URL;
  readonly request: DatasourceRequest;
  readonly settings: Pick<DatasourceSettings, "credential" | "headers">;
  readonly signal: AbortSignal;
}

function optionsOf({ base, request, settings, signal }: RequestParts): Dispatcher.RequestOptions {
  const { path, method, parameters } = request;
  const { credential, headers } = settings;
  const text = parameters.toString();
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/u, "")}${path}${method === "GET" ? `?${text}` : ""}`,
    method,
    headers: {
      ...Object.fromEntries(headers),
      "user-agent": "alertmanager-wecom",
      accept: "application/json",
      ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      ...(credential === null ? {} : { authorization: authorizationHeader(credential) }),
    },
    body: method === "POST" ? text : null,
    signal,
  };
}

async function answerTo(agent: Dispatcher, options: Dispatcher.RequestOptions): Promise<DatasourceReply> {
  const { statusCode, body } = await agent.request(options);
  if (statusCode !== 200) {
    // A body that is destroyed before its end emits an error, which would end the process without a listener.
    body.on("error", () => undefined).destroy();
    // Prometheus answers 400 and 422 to what it cannot evaluate.
    const reason = statusCode === 400 || statusCode === 422 ? "badQuery" : "rejected";
    return { kind: "failed", reason, detail: `HTTP ${statusCode}` };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > answerMaxBytes) return { kind: "failed", reason: "tooLarge", detail: `over ${answerMaxBytes} bytes` };
    chunks.push(chunk);
  }
  return { kind: "answered", text: Buffer.concat(chunks).toString("utf8") };
}

/** The code of an error without its message, which may hold the address. */
function codeOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return /^\w{1,60}$/u.test(code) ? code : "UNKNOWN";
}
