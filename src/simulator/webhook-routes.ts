// The two endpoints of the robot over HTTP: reads bodies and writes replies. take-send.ts and take-upload.ts decide.

import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import type { Ledger } from "./ledger.ts";
import type { RobotReply } from "./reply.ts";
import type { UploadedPart } from "./rules/media.ts";
import { takeSend } from "./take-send.ts";
import { takeUpload } from "./take-upload.ts";

const sendMaxBytes = 4 * 1024 * 1024;
const uploadMaxBytes = 24 * 1024 * 1024;

interface WebhookContext {
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Runs after `ms`, unless the simulator closes first. */
  readonly later: (ms: number, run: () => void) => void;
  /** Called when something was recorded. */
  readonly changed: () => void;
}

export function webhookRoutes(context: WebhookContext): Router {
  const router = Router();
  router.all("/cgi-bin/webhook/send", stamp(context), rawBody(sendMaxBytes), sendRoute(context));
  router.all("/cgi-bin/webhook/upload_media", stamp(context), rawBody(uploadMaxBytes), uploadRoute(context));
  return router;
}

/** The instant of arrival is taken before the body is read. */
function stamp({ now }: WebhookContext): RequestHandler {
  return (_request, response, next) => {
    response.locals.at = now();
    next();
  };
}

function rawBody(limit: number): RequestHandler {
  const read = express.raw({ type: () => true, limit });
  return (request: Request, response: Response, next: NextFunction) => {
    read(request, response, (error?: unknown) => {
      const tooBig = error instanceof Error && "type" in error && error.type === "entity.too.large";
      const bytes = error === undefined && Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
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
    writeReply(reply, response, later);
  };
}

function uploadRoute({ ledger, later, changed }: WebhookContext): RequestHandler {
  return async (request, response) => {
    const { body, at } = response.locals;
    const part = body === null ? "too-big" : await mediaPartOf(body, request.headers["content-type"] ?? "");
    const key = queryText(request, "key");
    const reply = takeUpload(ledger, { method: request.method, key, kind: request.query.type, part, at });
    changed();
    writeReply(reply, response, later);
  };
}

function queryText(request: Request, name: string): string {
  const value = request.query[name];
  return typeof value === "string" ? value : "";
}

function writeReply(reply: RobotReply, response: Response, later: WebhookContext["later"]): void {
  if (reply.kind === "hang") return;
  if (reply.kind === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const { answer, delayMs } = reply;
  const write = () => {
    response.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
    response.end(answer.body);
  };
  if (delayMs > 0) later(delayMs, write);
  else write();
}

/** The part named media; null when it is missing or has no filename, or when the body is not multipart/form-data. */
async function mediaPartOf(bytes: Buffer, contentType: string): Promise<UploadedPart | null> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new globalThis.Response(body, { headers: { "Content-Type": contentType } }).formData();
    const part = form.get("media");
    if (part === null || typeof part === "string" || part.name === "") return null;
    return { name: part.name, bytes: Buffer.from(await part.arrayBuffer()) };
  } catch {
    return null;
  }
}
