// The HTTP app for senders, probes and pages: its routes, methods and errors. It never redirects (a redirected POST arrives as GET),
// never answers 429 (Alertmanager retries 5xx only) and never repeats a body.

import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express";
import type { Hook } from "../domain/intake.ts";
import type { Sender } from "../domain/sender.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { FindAlias } from "./compat.ts";
import { errorResponse, sendResponse } from "./json-response.ts";
import type { LogPace } from "./log-pace.ts";
import { addProbes, onlyAllowed, type Reload } from "./probes.ts";
import { senderOf } from "./sender.ts";
import { createWebhookHandler, type Respond, type WebhookHandler, type WebhookOptions } from "./webhook.ts";

export interface ReceiverDeps extends WebhookOptions {
  /** Called with each webhook that is not accepted, and its answer. */
  readonly refused: (sender: Sender, refusal: string) => void;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly logPace: LogPace;
  /** Set on every response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of bots for the response to an unknown path; empty when they are private. */
  readonly bots: readonly string[];
  /** Finds addresses of other adapters. */
  readonly alias: FindAlias;
  readonly reload: Reload;
  /** The pages; it checks credentials itself. */
  readonly console: RequestHandler;
  /** Handles /api/v1 for authenticated requests. */
  readonly api: RequestHandler;
}

const hookPaths = ["/webhook", "/webhook/bot/:name"];

export function createReceiver(deps: ReceiverDeps): Express {
  const app = express();
  app.disable("etag");
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  const respond = createRespond(deps);

  if (Object.keys(deps.headers).length > 0) app.use(setHeaders(deps.headers));
  app.use(mergeSlashes);
  app.use(refuseCrossSite(deps, respond));
  const handleWebhook = createWebhookHandler(deps, respond);
  const handleOwnHook: RequestHandler = (req, res) => handleWebhook(hookOf(req), req, res);
  app.use(handleAliases(deps, handleWebhook, respond));
  app.post(hookPaths, handleOwnHook);
  app.put(hookPaths, handleOwnHook);
  app.all(hookPaths, onlyPost(respond));
  addProbes(app, deps);
  app.use("/api/v1", onlyAllowed(deps.guard.admin), deps.api);
  app.use(deps.console);
  app.use(unknownPath(deps, respond));
  app.use(unexpectedError(deps, respond));
  return app;
}

function createRespond(deps: ReceiverDeps): Respond {
  return (res, response, source) => {
    if (res.headersSent) return;
    const { status, text } = response;
    deps.metrics.webhookRequests.inc({ source: source ?? "unknown", code: status });
    if (status !== 200) deps.refused(senderOf(res.req), `${status} ${text}`);
    // A 500 is logged with its stack where the error was caught.
    const silent = source === undefined && status !== 500 ? deps.logPace.due(`${status}`) : null;
    if (silent !== null) {
      const { address } = senderOf(res.req);
      deps.log.warn({ status, address, answer: text, silent }, "webhook rejected before its body was parsed");
    }
    if (!deps.status().ready) res.set("Connection", "close");
    sendResponse(res, response);
  };
}

function setHeaders(headers: Readonly<Record<string, string>>): RequestHandler {
  return (_req, res, next) => {
    res.set(headers);
    next();
  };
}

/** A double slash in a configured address is accepted. A redirect would turn the POST into a GET. */
const mergeSlashes: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith("/") && req.url.includes("//"))
    req.url = req.url.replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, "/"));
  next();
};

function refuseCrossSite({ guard }: ReceiverDeps, respond: Respond): RequestHandler {
  return async (req, res, next) => {
    const isHook = req.path.startsWith("/webhook");
    const endpoint = req.path.startsWith("/webhook/bot/") ? "bot" : isHook ? "route" : "admin";
    const rejected = await guard.crossSite(req, endpoint);
    if (rejected === null) next();
    else if (isHook) respond(res, rejected.response, "unknown");
    else sendResponse(res, rejected.response);
  };
}

const noQuery = new URLSearchParams();

/** Addresses of other adapters. Without credentials, the responses show as little about them as about our own addresses. */
function handleAliases(deps: ReceiverDeps, handleWebhook: WebhookHandler, respond: Respond): RequestHandler {
  return async (req, res, next) => {
    const asked = /\?(.*)$/s.exec(req.url)?.[1];
    const query = asked === undefined ? noQuery : new URLSearchParams(asked);
    const found = deps.alias({ path: req.path, query, authorization: req.headers.authorization ?? null });
    if (found.kind === "none") next();
    else if (req.method !== "POST" && req.method !== "PUT") onlyPost(respond)(req, res, next);
    else if (found.kind === "hook") await handleWebhook(found.hook, req, res);
    else {
      const head = await deps.guard.head({ kind: "route" }, req);
      respond(res, head.kind === "rejected" ? head.response : found.response);
    }
  };
}

function hookOf({ params }: Request): Hook {
  const { name } = params;
  return typeof name === "string" ? { kind: "bot", bot: name } : { kind: "route" };
}

function onlyPost(respond: Respond): RequestHandler {
  const message = "send webhooks with POST or PUT; a redirected POST arrives as GET, so use the final address";
  return (_req, res) => {
    res.set("Allow", "POST, PUT");
    respond(res, errorResponse(405, "method_not_allowed", message));
  };
}

/** A POST or PUT to an unknown path counts as a webhook to a wrong address. */
function unknownPath(deps: ReceiverDeps, respond: Respond): RequestHandler {
  const hooks = ["/webhook", ...deps.bots.map((bot) => `/webhook/bot/${encodeURIComponent(bot)}`)].join(" ");
  // With a thousand bots it takes 7 ms.
  const response = errorResponse(404, "unknown_path", `unknown path; post webhooks to one of: ${hooks}`);
  return (req, res) => {
    if (req.method === "POST" || req.method === "PUT") respond(res, response);
    else sendResponse(res, response);
  };
}

/** Express recognises an error handler by its four parameters. */
function unexpectedError(deps: ReceiverDeps, respond: Respond): ErrorRequestHandler {
  return (err: unknown, _req, res, _next) => {
    // An error that Express found in the request itself.
    if ((err as { status?: unknown }).status === 400) {
      return respond(res, errorResponse(400, "bad_request", "the request cannot be read; check its path and headers"));
    }
    deps.metrics.unexpectedErrors.inc({ place: "receive" });
    deps.log.error({ err }, "unexpected error; the request was answered with 500");
    respond(res, errorResponse(500, "unexpected", "unexpected error and nothing was accepted; send again later"));
  };
}
