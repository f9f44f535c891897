// Responses to senders and probes: a status and a short JSON text. They end up in the sender's log, so they hold nothing of the
// request, which may contain a key.

import type { Response } from "express";
import type { WebhookCode } from "../observe/metrics.ts";
import type { Accepted } from "./accept.ts";

/** Grafana keeps 1 kB of a response, Alertmanager logs all of it. */
const responseMaxBytes = 512;

export interface JsonResponse {
  readonly status: WebhookCode;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `error` is a stable code; the message says what is wrong and what to do. A long message is truncated. */
export function errorResponse(status: WebhookCode, error: string, message: string): JsonResponse {
  const characters = [...message];
  let text = JSON.stringify({ error, message });
  while (Buffer.byteLength(text) > responseMaxBytes && characters.length > 0) {
    characters.length = Math.floor(characters.length * 0.9);
    text = JSON.stringify({ error, message: `${characters.join("")}…` });
  }
  return { status, text, headers: {} };
}

export function responseTo(accepted: Exclude<Accepted, { kind: "replayed" }>): JsonResponse {
  switch (accepted.kind) {
    case "accepted": {
      const { notifications, duplicates } = accepted;
      const text = JSON.stringify({ status: "accepted", notifications, duplicates });
      return { status: 200, text, headers: {} };
    }
    case "rejected":
      return errorResponse(accepted.status, accepted.code, accepted.message);
    case "unavailable":
      return errorResponse(503, "unavailable", accepted.message);
  }
}

export function sendResponse(res: Response, { status, text, headers }: JsonResponse): void {
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(text);
}
