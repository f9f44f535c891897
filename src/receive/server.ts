// The HTTP face for alert senders and probes: routes, sizes, methods and answers. What a body means is `accept`'s business.
// It never redirects (a redirected POST arrives as GET), never answers 429 (Alertmanager retries 5xx only) and never echoes a body.

import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express";
import type { Hook } from "../domain/intake.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { readingFault, refusal } from "./answer.ts";
import type { FindAlias } from "./compat.ts";
import type { Guard } from "./guard.ts";
import { createLogPace, type LogPace } from "./log-pace.ts";
import { addProbes, onlyAdmin, type Reload, tell } from "./probes.ts";
import { createWebhookHandler, type Reply, type WebhookHandler, type WebhookOptions } from "./webhook.ts";

export interface ReceiverDeps extends WebhookOptions {
  readonly metrics: Pick<Metrics, "webhookAnswered" | "unexpectedError" | "text" | "contentType">;
  readonly log: Log;
  readonly now: () => number;
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the configured bots, for the answer to an unknown path; none when they are nobody's business. */
  readonly bots: () => readonly string[];
  /** What an address means that may be another adapter's; null when none of theirs is answered. */
  readonly alias: FindAlias | null;
  readonly reload: Reload;
  /** Answers GET /, whom the guard lets in. */
  readonly page: RequestHandler;
  /** Answers below /api/v1, whom the guard lets in. */
  readonly api: RequestHandler;
}

const logSpanMs = 60_000;

const hookPaths = ["/webhook", "/webhook/bot/:name"];

export function createReceiver(deps: ReceiverDeps): Express {
  const app = express();
  app.disable("etag");
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  const answer = replying(deps, createLogPace(logSpanMs, deps.now));

  if (Object.keys(deps.headers).length > 0) app.use(withHeaders(deps.headers));
  app.use(mergeSlashes);
  const take = createWebhookHandler(deps, answer);
  const takeOwn: RequestHandler = (req, res) => take(hookOf(req), req, res);
  if (deps.alias !== null) app.use(aliased(deps.alias, deps.guard, { take, answer }));
  app.post(hookPaths, takeOwn);
  app.put(hookPaths, takeOwn);
  app.all(hookPaths, onlyPost(answer));
  addProbes(app, deps);
  app.get("/", onlyAdmin(deps.guard), deps.page);
  app.use("/api/v1", onlyAdmin(deps.guard), deps.api);
  app.use(unknownPath(deps, answer));
  app.use(failed(deps, answer));
  return app;
}

function replying(deps: ReceiverDeps, pace: LogPace): Reply {
  return (res, answer, told) => {
    if (res.headersSent) return;
    const { status, text } = answer;
    deps.metrics.webhookAnswered(told?.source ?? "unknown", status);
    const silent = told === undefined && status !== 500 ? pace.due(`${status}`) : null;
    if (silent !== null)
      deps.log.warn({ status, answer: text, silent }, "answered a webhook without createWebhookHandler it");
    if (!deps.status().ready) res.set("Connection", "close");
    tell(res, answer);
  };
}

function withHeaders(headers: ReceiverDeps["headers"]): RequestHandler {
  return (_req, res, next) => {
    res.set(headers);
    next();
  };
}

/** A doubled slash in a configured address is no reason for a 404, and a redirect would turn the POST into a GET. */
const mergeSlashes: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith("/") && req.url.includes("//"))
    req.url = req.url.replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, "/"));
  next();
};

interface Taking {
  readonly take: WebhookHandler;
  readonly answer: Reply;
}

/** Addresses of other adapters. Who may not post is told no more about them than about ours. */
function aliased(find: FindAlias, guard: Guard, { take, answer }: Taking): RequestHandler {
  return async (req, res, next) => {
    const query = new URLSearchParams(/\?(.*)$/s.exec(req.url)?.[1]);
    const found = find({ path: req.path, query, authorization: req.headers.authorization ?? null });
    if (found.kind === "none") next();
    else if (req.method !== "POST" && req.method !== "PUT") onlyPost(answer)(req, res, next);
    else if (found.kind === "hook") await take(found.hook, req, res);
    else {
      const head = await guard.head({ kind: "route" }, req);
      answer(res, head.kind === "refused" ? head.answer : found.answer);
    }
  };
}

function hookOf({ params }: Request): Hook {
  const { name } = params;
  return typeof name === "string" ? { kind: "bot", bot: name } : { kind: "route" };
}

function onlyPost(answer: Reply): RequestHandler {
  const hint = "send webhooks with POST or PUT; a POST that was redirected arrives as GET, so use the final address";
  return (_req, res) => {
    res.set("Allow", "POST, PUT");
    answer(res, refusal(405, "method_not_allowed", hint));
  };
}

/** A mistyped address counts as a webhook when something was sent to it. */
function unknownPath(deps: ReceiverDeps, answer: Reply): RequestHandler {
  return (req, res) => {
    const hooks = ["/webhook", ...deps.bots().map((bot) => `/webhook/bot/${encodeURIComponent(bot)}`)].join(" ");
    const unknown = refusal(404, "unknown_path", `webhooks go to one of: ${hooks}`);
    if (req.method === "POST" || req.method === "PUT") answer(res, unknown);
    else tell(res, unknown);
  };
}

/** Four parameters: that is how Express knows an error handler. */
function failed(deps: ReceiverDeps, answer: Reply): ErrorRequestHandler {
  return (err: unknown, _req, res, _next) => {
    const fault = readingFault(err);
    if (fault !== null) return answer(res, fault);
    deps.metrics.unexpectedError("receive");
    deps.log.error({ err }, "an error that should never happen: the request was answered with 500");
    answer(res, refusal(500, "unexpected", "an unexpected error; nothing was accepted, send again later"));
  };
}
