// What senders and probes are told, as a status and a short JSON text. It lands in the sender's log: the messages are texts
// of the program, never a piece of the request, which may hold a key.

import type { WebhookCode } from "../observe/receive-metrics.ts";
import type { Accepted } from "./accept.ts";

/** Grafana keeps 1 kB of an answer, Alertmanager prints all of it. */
export const answerMaxBytes = 512;

export interface Answer {
  readonly status: WebhookCode;
  readonly text: string;
}

/** `error` is stable; the message says what to do and is cut when it is long. */
export function refusal(status: WebhookCode, error: string, message: string): Answer {
  const characters = [...message];
  let text = JSON.stringify({ error, message });
  while (Buffer.byteLength(text) > answerMaxBytes && characters.length > 0) {
    characters.length = Math.floor(characters.length * 0.9);
    text = JSON.stringify({ error, message: `${characters.join("")}…` });
  }
  return { status, text };
}

export function answerTo(accepted: Accepted): Answer {
  switch (accepted.kind) {
    case "accepted": {
      const { notifications, duplicates } = accepted;
      return { status: 200, text: JSON.stringify({ status: "accepted", notifications, duplicates }) };
    }
    case "refused":
      return refusal(accepted.status, accepted.code, accepted.message);
    case "unavailable":
      return refusal(503, "unavailable", accepted.message);
  }
}

/** The sender's faults that surface while a request is read; null for what is ours. Types: expressjs/body-parser, README, Errors. */
export function readingFault(error: unknown, maxBodyBytes: number): Answer | null {
  const { type, code, status } = error as { type?: unknown; code?: unknown; status?: unknown };
  if (type === "entity.too.large") {
    return refusal(413, "body_too_large", `the body, decompressed, is over the limit of ${maxBodyBytes} bytes`);
  }
  if (type === "encoding.unsupported") {
    return refusal(415, "unknown_encoding", "Content-Encoding may be gzip, deflate, br or absent");
  }
  if (type === "request.aborted" || type === "request.size.invalid") {
    return refusal(400, "body_incomplete", "the body ended before its announced length");
  }
  if (typeof code === "string" && /^(Z_|ERR_BROTLI|ERR__ERROR_)/.test(code)) {
    return refusal(400, "broken_encoding", "the body is not what its Content-Encoding says");
  }
  return status === 400 ? refusal(400, "bad_request", "the request can not be read: check its path and headers") : null;
}
