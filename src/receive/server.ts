// The HTTP face for alert senders and probes: routes, sizes, methods and answers. What a body means is `accept`'s business.
// It never redirects (a redirected POST arrives as GET), never answers 429 (Alertmanager retries 5xx only) and never echoes a body.

import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import type { Hook } from "../domain/intake.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { WebhookSource } from "../observe/receive-metrics.ts";
import type { Accept } from "./accept.ts";
import { type Answer, answerTo, readingFault, refusal } from "./answer.ts";
import { createBodyPool } from "./body-budget.ts";
import type { FindAlias } from "./compat.ts";
import type { Guard } from "./guard.ts";
import { createLogPace, type LogPace } from "./log-pace.ts";
import { addProbes, onlyAdmin, type Status, tell } from "./probes.ts";
import { readBody } from "./read-body.ts";

export interface ReceiverDeps {
  readonly accept: Accept;
  readonly guard: Guard;
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, "webhookAnswered" | "unexpectedError" | "text" | "contentType">;
  readonly log: Log;
  readonly now: () => number;
  /** Of the body after decompression. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being read or stored; 503 beyond it. Eight bodies of the largest size when absent, at least 64 MiB. */
  readonly maxHeldBytes?: number;
  /** Within which a body must have arrived; 408 after it. 30 s when absent. */
  readonly bodyTimeoutMs?: number;
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the configured bots, for the answer to an unknown path; none when they are nobody's business. */
  readonly bots: () => readonly string[];
  /** What an address means that may be another adapter's. */
  readonly alias: FindAlias;
  /** Answers below /api/v1, whom the guard lets in. */
  readonly api: RequestHandler;
}

const bodyTimeoutMs = 30_000;
const leastHeldBytes = 64 * 1024 * 1024;
const logSpanMs = 60_000;

const hookPaths = ["/webhook", "/webhook/bot/:name"];

export function createReceiver(deps: ReceiverDeps): Express {
  const app = express();
  app.disable("etag");
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  const answer = answering(deps, createLogPace(logSpanMs, deps.now));

  app.use((_req, res, next) => {
    res.set(deps.headers);
    next();
  });
  app.use(mergeSlashes);
  const take = taking(deps, answer);
  const takeOwn: RequestHandler = (req, res) => take(hookOf(req), req, res);
  app.use(aliased(deps, { take, answer }));
  app.post(hookPaths, takeOwn);
  app.put(hookPaths, takeOwn);
  app.all(hookPaths, onlyPost(answer));
  addProbes(app, deps);
  app.use("/api/v1", onlyAdmin(deps.guard), deps.api);
  app.use(unknownPath(deps, answer));
  app.use(failed(deps, answer));
  return app;
}

/** Answers a webhook, once, and lets log and metrics know. Refusals by `accept` and the guard were logged there, with their cause. */
type Answering = (res: Response, answer: Answer, told?: { readonly source: WebhookSource }) => void;

function answering(deps: ReceiverDeps, pace: LogPace): Answering {
  return (res, answer, told) => {
    if (res.headersSent) return;
    const { status, text } = answer;
    deps.metrics.webhookAnswered(told?.source ?? "unknown", status);
    const silent = told === undefined && status !== 500 ? pace.due(`${status}`) : null;
    if (silent !== null) deps.log.warn({ status, answer: text, silent }, "answered a webhook without taking it");
    if (!deps.status().ready) res.set("Connection", "close");
    tell(res, answer);
  };
}

/** A doubled slash in a configured address is no reason for a 404, and a redirect would turn the POST into a GET. */
const mergeSlashes: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith("/")) req.url = req.url.replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, "/"));
  next();
};

type Take = (hook: Hook, req: Request, res: Response) => Promise<void>;

/** Ready, known, read, signed, stored: in this order, so that strangers are turned away before they cost anything. */
function taking(deps: ReceiverDeps, answer: Answering): Take {
  const { guard, accept, maxBodyBytes } = deps;
  const budgetOf = createBodyPool(deps.maxHeldBytes ?? Math.max(leastHeldBytes, 8 * maxBodyBytes));
  return async (hook, req, res) => {
    const status = deps.status();
    if (!status.ready && !status.accepts) return answer(res, notReady(status.reason));
    const head = await guard.head(hook, req);
    if (head.kind === "refused") return answer(res, head.answer, { source: "unknown" });

    const budget = budgetOf();
    res.once("close", () => budget.release());
    const stopWaiting = limitWait(req, res, { answer, waitMs: deps.bodyTimeoutMs ?? bodyTimeoutMs });
    const body = await readBody(req, { maxBytes: maxBodyBytes, budget });
    stopWaiting();
    // The body may still have ended while its 408 was on the way: what was refused is not stored.
    if (res.headersSent) return;
    if (body.kind === "refused") return answer(res, body.answer);

    const signed = head.kind === "needsBody" ? await guard.body(hook, req, body.bytes) : head;
    if (signed.kind === "refused") return answer(res, signed.answer, { source: "unknown" });
    const accepted = await accept(body.bytes, hook);
    if (accepted.kind !== "accepted") guard.release(hook, req);
    answer(res, answerTo(accepted), accepted);
  };
}

interface Taking {
  readonly take: Take;
  readonly answer: Answering;
}

/** Addresses of other adapters. Who may not post is told no more about them than about ours. */
function aliased(deps: ReceiverDeps, { take, answer }: Taking): RequestHandler {
  return async (req, res, next) => {
    const query = new URLSearchParams(/\?(.*)$/s.exec(req.url)?.[1]);
    const found = deps.alias({ path: req.path, query, authorization: req.headers.authorization ?? null });
    if (found.kind === "none") next();
    else if (req.method !== "POST" && req.method !== "PUT") onlyPost(answer)(req, res, next);
    else if (found.kind === "hook") await take(found.hook, req, res);
    else {
      const head = await deps.guard.head({ kind: "route" }, req);
      answer(res, head.kind === "refused" ? head.answer : found.answer);
    }
  };
}

function hookOf({ params }: Request): Hook {
  const { name } = params;
  return typeof name === "string" ? { kind: "bot", bot: name } : { kind: "route" };
}

function notReady(reason: string): Answer {
  return refusal(503, "not_ready", `the service is ${reason}; send again later`);
}

interface Wait {
  readonly answer: Answering;
  readonly waitMs: number;
}

/** Node's own time-outs would close the connection without a word in the metrics. */
function limitWait(req: Request, res: Response, { answer, waitMs }: Wait): () => void {
  const timer = setTimeout(() => {
    res.set("Connection", "close");
    res.once("finish", () => req.destroy());
    answer(res, refusal(408, "body_too_slow", "the body did not arrive in time"));
  }, waitMs);
  return () => clearTimeout(timer);
}

function onlyPost(answer: Answering): RequestHandler {
  const hint = "send webhooks with POST or PUT; a POST that was redirected arrives as GET, so use the final address";
  return (_req, res) => {
    res.set("Allow", "POST, PUT");
    answer(res, refusal(405, "method_not_allowed", hint));
  };
}

/** A mistyped address counts as a webhook when something was sent to it. */
function unknownPath(deps: ReceiverDeps, answer: Answering): RequestHandler {
  return (req, res) => {
    const hooks = ["/webhook", ...deps.bots().map((bot) => `/webhook/bot/${encodeURIComponent(bot)}`)].join(" ");
    const unknown = refusal(404, "unknown_path", `webhooks go to one of: ${hooks}`);
    if (req.method === "POST" || req.method === "PUT") answer(res, unknown);
    else tell(res, unknown);
  };
}

/** Four parameters: that is how Express knows an error handler. */
function failed(deps: ReceiverDeps, answer: Answering): ErrorRequestHandler {
  return (err: unknown, _req, res, _next) => {
    const fault = readingFault(err);
    if (fault !== null) return answer(res, fault);
    deps.metrics.unexpectedError("receive");
    deps.log.error({ err }, "an error that should never happen: the request was answered with 500");
    answer(res, refusal(500, "unexpected", "an unexpected error; nothing was accepted, send again later"));
  };
}
