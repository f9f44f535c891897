// One webhook from its head to its response. The order is readiness, authentication, body, signature, storage, so that a request
// without credentials is rejected before it costs anything.

import type { Request, Response } from "express";
import type { Hook } from "../domain/intake.ts";
import type { WebhookSource } from "../observe/metrics.ts";
import type { Accept } from "./accept.ts";
import type { Guard } from "./guard.ts";
import { errorResponse, type JsonResponse, responseTo } from "./json-response.ts";
import type { Status } from "./probes.ts";
import { createBodyPool, readBody } from "./read-body.ts";

export interface WebhookOptions {
  readonly accept: Accept;
  readonly guard: Guard;
  readonly status: () => Status;
  /** Of one body after decompression. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being read or stored; more get 503. A single body may exceed it. */
  readonly maxHeldBytes: number;
  /** A body that takes longer gets 408. 30 s when absent. */
  readonly bodyTimeoutMs?: number;
}

const defaultBodyTimeoutMs = 30_000;
const maxGraceMs = 1_000;

/**
 * Sends the response to a webhook, unless one was sent, and counts it under `source`. With `source`, the caller has already logged
 * what is worth a log line; without it, the response is logged here.
 */
export type Respond = (res: Response, response: JsonResponse, source?: WebhookSource) => void;

export type WebhookHandler = (hook: Hook, req: Request, res: Response) => Promise<void>;

export function createWebhookHandler(options: WebhookOptions, respond: Respond): WebhookHandler {
  const createBudget = createBodyPool(options.maxHeldBytes);
  const timeoutMs = options.bodyTimeoutMs ?? defaultBodyTimeoutMs;
  // The guard has logged authentication failures, but not that it was too busy.
  const respondToRejection = (res: Response, response: JsonResponse) =>
    respond(res, response, response.status === 503 ? undefined : "unknown");
  return async (hook, req, res) => {
    const status = options.status();
    if (!status.ready && !status.accepts) {
      return respond(res, errorResponse(503, "not_ready", `the service is ${status.reason}; send again later`));
    }
    const head = await options.guard.head(hook, req);
    if (head.kind === "rejected") return respondToRejection(res, head.response);

    const budget = createBudget();
    const stopTimer = startBodyTimer(timeoutMs, () => {
      res.set("Connection", "close");
      res.once("finish", () => req.destroy());
      const message = "the body did not arrive in time; check the network and proxies";
      respond(res, errorResponse(408, "body_too_slow", message));
    });
    try {
      const body = await readBody(req, { maxBytes: options.maxBodyBytes, budget });
      stopTimer();
      // The body may have ended while its 408 was sent: a rejected body is not stored.
      if (res.headersSent) return;
      if (body.kind === "rejected") return respond(res, body.response);

      const signed = head.kind === "needsBody" ? await options.guard.body(hook, req, body.bytes) : head;
      if (signed.kind === "rejected") return respondToRejection(res, signed.response);
      const sent = { bytes: body.bytes, charset: charsetOf(req) };
      const accepted = await options.accept(sent, hook, signed.signature);
      if (accepted.kind === "replayed") {
        return respondToRejection(res, (await options.guard.replayed(hook, req)).response);
      }
      respond(res, responseTo(accepted), accepted.source);
    } finally {
      stopTimer();
      budget.release();
    }
  };
}

function charsetOf({ headers }: Request): string | null {
  return /;\s*charset\s*=\s*"?([\w.:+-]{1,40})/i.exec(headers["content-type"] ?? "")?.[1] ?? null;
}

/**
 * Node's own time-outs would close the connection without a response and without a metric. There are two timers because the delay
 * may be ours: after the first, data that arrived while the process was busy is read before the second one expires.
 */
function startBodyTimer(timeoutMs: number, onTimeout: () => void): () => void {
  const graceMs = Math.min(maxGraceMs, timeoutMs / 2);
  let timer = setTimeout(() => {
    timer = setTimeout(onTimeout, graceMs);
  }, timeoutMs - graceMs);
  return () => clearTimeout(timer);
}
