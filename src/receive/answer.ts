// What senders and probes are told, as a status and a short JSON text. It lands in the sender's log: the messages are texts
// of the program, never a piece of the request, which may hold a key.

import type { WebhookCode } from "../observe/receive-metrics.ts";
import type { Accepted } from "./accept.ts";

/** Grafana keeps 1 kB of an answer, Alertmanager prints all of it. */
const answerMaxBytes = 512;

export interface Answer {
  readonly status: WebhookCode;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `error` is stable; the message says what to do and is cut when it is long. */
export function refusal(status: WebhookCode, error: string, message: string): Answer {
  const characters = [...message];
  let text = JSON.stringify({ error, message });
  while (Buffer.byteLength(text) > answerMaxBytes && characters.length > 0) {
    characters.length = Math.floor(characters.length * 0.9);
    text = JSON.stringify({ error, message: `${characters.join("")}…` });
  }
  return { status, text, headers: {} };
}

export function answerTo(accepted: Accepted): Answer {
  switch (accepted.kind) {
    case "accepted": {
      const { notifications, duplicates } = accepted;
      const text = JSON.stringify({ status: "accepted", notifications, duplicates });
      return { status: 200, text, headers: {} };
    }
    case "refused":
      return refusal(accepted.status, accepted.code, accepted.message);
    case "unavailable":
      return refusal(503, "unavailable", accepted.message);
  }
}

/** The sender's faults in what Express reads itself; null for what is ours. */
export function readingFault(error: unknown): Answer | null {
  const { status } = error as { status?: unknown };
  return status === 400 ? refusal(400, "bad_request", "the request can not be read: check its path and headers") : null;
}
