// One webhook from its head to its response. The order is readiness, authentication, body, signature, storage, so that a request
// without credentials is rejected before it costs anything.

import type { Request, Response } from "express";
import type { Hook } from "../domain/intake.ts";
import type { CutReason, Metrics, WebhookSource } from "../observe/metrics.ts";
import type { Accept } from "./accept.ts";
import type { BodyPool } from "./body-pool.ts";
import { clientOf } from "./client.ts";
import type { Guard } from "./guard.ts";
import { errorResponse, type JsonResponse, responseTo } from "./json-response.ts";
import type { Status } from "./probes.ts";
import { readBody } from "./read-body.ts";
import { senderOf } from "./sender.ts";

export interface WebhookOptions {
  readonly accept: Accept;
  readonly guard: Guard;
  readonly status: () => Status;
  /** Of one body after decompression. */
  readonly maxBodyBytes: number;
  /** It outlives a configuration. */
  readonly bodies: BodyPool;
  readonly isBot: (name: string) => boolean;
  readonly metrics: Metrics;
}

/**
 * Sends the response to a webhook, unless one was sent, and counts it under `source`. With `source`, the caller has already logged
 * what is worth a log line; without it, the response is logged here.
 */
export type Respond = (res: Response, response: JsonResponse, source?: WebhookSource) => void;

export type WebhookHandler = (hook: Hook, req: Request, res: Response) => Promise<void>;

export function createWebhookHandler(options: WebhookOptions, respond: Respond): WebhookHandler {
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

    const sender = { address: clientOf(req), hook: shareOf(hook, options), proven: head.kind === "allowed" };
    const pooled = options.bodies.open(sender, (reason) => {
      options.metrics.bodiesCut.inc({ reason });
      res.set("Connection", "close");
      res.once("finish", () => req.destroy());
      respond(res, cutResponses[reason]);
    });
    try {
      const body = await readBody(req, { maxBytes: options.maxBodyBytes, pooled });
      // A body that was cut is not stored, even if it has ended meanwhile.
      if (res.headersSent) return;
      if (body.kind === "rejected") return respond(res, body.response);

      const signed = head.kind === "needsBody" ? await options.guard.body(hook, req, body.bytes) : head;
      if (signed.kind === "rejected") return respondToRejection(res, signed.response);
      await pooled.parsing();
      const sent = { bytes: body.bytes, charset: charsetOf(req) };
      const { signature } = signed;
      const accepted = await options.accept(sent, hook, { signature, sender: senderOf(req) });
      if (accepted.kind === "replayed") {
        return respondToRejection(res, (await options.guard.replayed(hook, req)).response);
      }
      respond(res, responseTo(accepted), accepted.source);
    } finally {
      pooled.release();
    }
  };
}

/** Not by its path, of which a sender can write many. */
function shareOf(hook: Hook, { isBot }: WebhookOptions): string {
  const bot = hook.kind === "alias" ? hook.bots[0] : hook.kind === "bot" ? hook.bot : undefined;
  if (bot === undefined) return "route";
  return isBot(bot) ? `bot ${bot}` : "none";
}

/** Node's own time-outs would close the connection without a response and without a metric. */
const cutResponses: Readonly<Record<CutReason, JsonResponse>> = {
  slow: errorResponse(408, "body_too_slow", "the body did not arrive in time; check the network and proxies"),
  displaced: errorResponse(
    503,
    "unavailable",
    "too many bodies are being read and this one made way for others; send again later",
  ),
};

function charsetOf({ headers }: Request): string | null {
  return /;\s*charset\s*=\s*"?([\w.:+-]{1,40})/i.exec(headers["content-type"] ?? "")?.[1] ?? null;
}
