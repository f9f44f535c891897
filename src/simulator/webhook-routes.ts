// Shell: the two endpoints of the robot over HTTP. Reads bodies, carries out replies (answer, delay, silence, cut).
// Decides nothing; take-send and take-upload do.
// Reads the part named media out of a multipart/form-data body. In: raw bytes and the Content-Type header; out: its
// filename and bytes, or null when there is no such part, it has no filename, or the body is not multipart.

import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import type { Ledger } from "./ledger.ts";
import type { Reply } from "./reply.ts";
import type { UploadedPart } from "./rules/media.ts";
import { takeSend } from "./take-send.ts";
import { takeUpload } from "./take-upload.ts";

const sendMaxBytes = 4 * 1024 * 1024;
const uploadMaxBytes = 24 * 1024 * 1024;

export interface WebhookContext {
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Runs later unless the simulator closes first. */
  readonly later: (ms: number, run: () => void) => void;
  /** Something was recorded. */
  readonly changed: () => void;
}

export function webhookRoutes(context: WebhookContext): Router {
  const router = Router();
  router.all("/cgi-bin/webhook/send", stamp(context), readBody(sendMaxBytes), sendRoute(context));
  router.all("/cgi-bin/webhook/upload_media", stamp(context), readBody(uploadMaxBytes), uploadRoute(context));
  return router;
}

/** The instant of arrival is taken before the body is read. */
function stamp({ now }: WebhookContext): RequestHandler {
  return (_request, response, next) => {
    response.locals.at = now();
    next();
  };
}

function readBody(limit: number): RequestHandler {
  const read = express.raw({ type: () => true, limit });
  return (request: Request, response: Response, next: NextFunction) => {
    read(request, response, (fault?: unknown) => {
      const tooBig = fault instanceof Error && "type" in fault && fault.type === "entity.too.large";
      const bytes = fault === undefined && Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      response.locals.body = tooBig ? null : bytes;
      next();
    });
  };
}

function sendRoute({ ledger, later, changed }: WebhookContext): RequestHandler {
  const open = new Set<{ readonly key: string }>();
  return (request, response) => {
    const key = queryText(request, "key");
    const unanswered = { key };
    open.add(unanswered);
    response.once("close", () => open.delete(unanswered));
    const reply = takeSend(ledger, {
      method: request.method,
      key,
      debug: queryText(request, "debug") === "1",
      body: response.locals.body,
      at: response.locals.at,
      inFlight: [...open].filter((other) => other.key === key).length,
    });
    changed();
    carryOut(reply, response, later);
  };
}

function uploadRoute({ ledger, later, changed }: WebhookContext): RequestHandler {
  return async (request, response) => {
    const { body, at } = response.locals;
    const part = body === null ? "too-big" : await mediaPartOf(body, request.headers["content-type"] ?? "");
    const key = queryText(request, "key");
    const reply = takeUpload(ledger, { method: request.method, key, kind: request.query.type, part, at });
    changed();
    carryOut(reply, response, later);
  };
}

function queryText(request: Request, name: string): string {
  const value = request.query[name];
  return typeof value === "string" ? value : "";
}

function carryOut(reply: Reply, response: Response, later: WebhookContext["later"]): void {
  if (reply.kind === "hang") return;
  if (reply.kind === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const { answer, delayMs } = reply;
  const speak = () => {
    response.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
    response.end(answer.body);
  };
  if (delayMs > 0) later(delayMs, speak);
  else speak();
}

export async function mediaPartOf(bytes: Buffer, contentType: string): Promise<UploadedPart | null> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new Response(body, { headers: { "Content-Type": contentType } }).formData();
    const part = form.get("media");
    if (part === null || typeof part === "string" || part.name === "") return null;
    return { name: part.name, bytes: Buffer.from(await part.arrayBuffer()) };
  } catch {
    return null;
  }
}
