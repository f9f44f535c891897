// The HTTP face for alert senders and probes: routes, sizes, methods and answers. What a body means is `accept`'s business.
// It never redirects (a redirected POST arrives as GET), never answers 429 (Alertmanager retries 5xx only) and never echoes a body.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from "express";
import type { Hook } from "../domain/intake.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { WebhookSource } from "../observe/receive-metrics.ts";
import type { Accept } from "./accept.ts";
import { type Answer, answerTo, readingFault, refusal } from "./answer.ts";
import { createLogPace, type LogPace } from "./log-pace.ts";

/**
 * What probes are told, and whether webhooks are taken. A service that is about to stop is not ready and still accepts: whoever
 * routes to it needs a moment to notice, and Grafana does not try a refused webhook again.
 */
export type Status =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string; readonly accepts: boolean };

export interface ReceiverDeps {
  readonly accept: Accept;
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, "webhookAnswered" | "unexpectedError" | "text" | "contentType">;
  readonly log: Log;
  readonly now: () => number;
  /** Of the body after decompression. */
  readonly maxBodyBytes: number;
  /** Within which a body must have arrived; 408 after it. 30 s when absent. */
  readonly bodyTimeoutMs?: number;
  /** Names of the configured bots, for the answer to an unknown path. */
  readonly bots: () => readonly string[];
}

const bodyTimeoutMs = 30_000;
const logSpanMs = 60_000;

const hookPaths = ["/webhook", "/webhook/bot/:name"];

export function createReceiver(deps: ReceiverDeps): Express {
  const app = express();
  app.disable("etag");
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  const answer = answering(deps, createLogPace(logSpanMs, deps.now));

  app.use(mergeSlashes);
  const readBody = express.raw({ type: () => true, limit: deps.maxBodyBytes });
  const take = [onlyWhenReady(deps, answer), slowBody(deps, answer), readBody, taking(deps, answer)];
  app.post(hookPaths, take);
  app.put(hookPaths, take);
  app.all(hookPaths, onlyPost(answer));
  addProbes(app, deps);
  app.use(unknownPath(deps, answer));
  app.use(failed(deps, answer));
  return app;
}

/** Answers a webhook, once, and lets log and metrics know. Refusals by `accept` have been logged there, where their cause is known. */
type Answering = (res: Response, answer: Answer, told?: { readonly source: WebhookSource }) => void;

function answering(deps: ReceiverDeps, pace: LogPace): Answering {
  return (res, { status, text }, told) => {
    if (res.headersSent) return;
    deps.metrics.webhookAnswered(told?.source ?? "unknown", status);
    const silent = told === undefined && status !== 500 ? pace.due(`${status}`) : null;
    if (silent !== null) deps.log.warn({ status, answer: text, silent }, "answered a webhook without taking it");
    if (!deps.status().ready) res.set("Connection", "close");
    res.status(status).type("json").end(text);
  };
}

/** A doubled slash in a configured address is no reason for a 404, and a redirect would turn the POST into a GET. */
const mergeSlashes: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith("/")) req.url = req.url.replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, "/"));
  next();
};

function onlyWhenReady(deps: ReceiverDeps, answer: Answering): RequestHandler {
  return (_req, res, next) => {
    const status = deps.status();
    if (status.ready || status.accepts) next();
    else answer(res, refusal(503, "not_ready", `the service is ${status.reason}; send again later`));
  };
}

/** Node's own time-outs would close the connection without a word in the metrics. */
function slowBody(deps: ReceiverDeps, answer: Answering): RequestHandler {
  return (req, res, next) => {
    const timer = setTimeout(() => {
      res.set("Connection", "close");
      res.once("finish", () => req.destroy());
      answer(res, refusal(408, "body_too_slow", "the body did not arrive in time"));
    }, deps.bodyTimeoutMs ?? bodyTimeoutMs);
    req.once("close", () => clearTimeout(timer));
    req.once("end", () => clearTimeout(timer));
    next();
  };
}

function taking(deps: ReceiverDeps, answer: Answering): RequestHandler {
  return async (req, res) => {
    // The body may still have ended while its 408 was on the way: what was refused is not stored.
    if (res.headersSent) return;
    const { name } = req.params;
    const hook: Hook = typeof name === "string" ? { kind: "bot", bot: name } : { kind: "route" };
    const bytes = Buffer.isBuffer(req.body) ? req.body : new Uint8Array();
    const accepted = await deps.accept(bytes, hook);
    answer(res, answerTo(accepted), accepted);
  };
}

function onlyPost(answer: Answering): RequestHandler {
  const hint = "send webhooks with POST or PUT; a POST that was redirected arrives as GET, so use the final address";
  return (_req, res) => {
    res.set("Allow", "POST, PUT");
    answer(res, refusal(405, "method_not_allowed", hint));
  };
}

function addProbes(app: Express, deps: ReceiverDeps): void {
  const probes: Readonly<Record<string, RequestHandler>> = {
    "/-/healthy": (_req, res) => void res.type("text").end("healthy\n"),
    "/-/ready": (_req, res) => {
      const status = deps.status();
      res.status(status.ready ? 200 : 503).type("text");
      res.end(status.ready ? "ready\n" : `${status.reason}\n`);
    },
    "/metrics": async (_req, res) => {
      const text = await deps.metrics.text();
      res.set("Content-Type", deps.metrics.contentType).end(text);
    },
  };
  for (const [path, probe] of Object.entries(probes)) {
    app.get(path, probe);
    app.all(path, (_req, res) => {
      const { status, text } = refusal(405, "method_not_allowed", "read this with GET or HEAD");
      res.status(status).set("Allow", "GET, HEAD").type("json").end(text);
    });
  }
}

/** A mistyped address counts as a webhook when something was sent to it. */
function unknownPath(deps: ReceiverDeps, answer: Answering): RequestHandler {
  return (req, res) => {
    const hooks = ["/webhook", ...deps.bots().map((bot) => `/webhook/bot/${encodeURIComponent(bot)}`)].join(" ");
    const unknown = refusal(404, "unknown_path", `webhooks go to one of: ${hooks}`);
    if (req.method === "POST" || req.method === "PUT") answer(res, unknown);
    else res.status(unknown.status).type("json").end(unknown.text);
  };
}

/** Four parameters: that is how Express knows an error handler. */
function failed(deps: ReceiverDeps, answer: Answering): ErrorRequestHandler {
  return (err: unknown, _req, res, _next) => {
    const fault = readingFault(err, deps.maxBodyBytes);
    if (fault !== null) return answer(res, fault);
    deps.metrics.unexpectedError("receive");
    deps.log.error({ err }, "an error that should never happen: the request was answered with 500");
    answer(res, refusal(500, "unexpected", "an unexpected error; nothing was accepted, send again later"));
  };
}

export interface ListenOptions {
  /** Empty for every address of the machine. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Takes no new connection, lets the answers in flight finish, and cuts what is still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Alertmanager reuses idle connections for 5 minutes; a server that closes them earlier resets a webhook now and then. */
const keepAliveMs = 360_000;
const headersTimeoutMs = 10_000;
/** Behind the body's own time-out, for what never becomes a request. */
const requestTimeoutMs = 60_000;
const closeIdleEveryMs = 50;

/** Rejects when the address can not be listened on. */
export async function listen(app: Express, { host, port }: ListenOptions): Promise<Listening> {
  const timeouts = { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs };
  const server = createServer({ ...timeouts, keepAliveTimeout: keepAliveMs }, app);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === "" ? {} : { host }) }, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, close: (graceMs) => closed(server, graceMs) };
}

/** A connection becomes idle only after its answer, so idle ones are looked for until none is left. */
async function closed(server: Server, graceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(cut);
}
