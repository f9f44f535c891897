// Probes, metrics and reload. Probes need no credentials; metrics and reload need those of `auth.admin`, see `guard.ts`.

import type { Express, RequestHandler, Response } from "express";
import type { ReloadResult } from "../config/reload.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Guard } from "./guard.ts";
import { errorResponse, sendResponse } from "./json-response.ts";
import { sharedText } from "./shared-text.ts";

/**
 * A service that is about to stop is not ready and still accepts webhooks: load balancers need a moment to notice, and Grafana does
 * not retry a rejected webhook.
 */
export type Status =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string; readonly accepts: boolean };

/** At a pace of its own. */
export type Reload = () => Promise<ReloadResult>;

export interface ProbeDeps {
  readonly status: () => Status;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly reload: Reload;
}

export function addProbes(app: Express, deps: ProbeDeps): void {
  const { status, metrics, guard } = deps;
  addReload(app, deps);

  app.get("/-/healthy", (_req, res) => sendText(res, 200, "healthy"));
  app.get("/-/ready", (_req, res) => {
    const current = status();
    if (current.ready) sendText(res, 200, "ready");
    else sendText(res, 503, current.reason);
  });
  const metricsText = sharedText(() => metrics.text());
  app.get("/metrics", onlyAllowed(guard.metrics), async (_req, res) => {
    res.set("Content-Type", metrics.contentType).end(await metricsText(res));
  });
  app.all(["/-/healthy", "/-/ready", "/metrics"], onlyMethods("GET, HEAD", "read this with GET or HEAD"));
}

/** Always there, as Alertmanager's. */
function addReload(app: Express, { status, guard, reload }: ProbeDeps): void {
  const handleReload: RequestHandler = async (_req, res) => {
    const current = status();
    if (!current.ready) return sendResponse(res, errorResponse(503, "not_ready", `the service is ${current.reason}`));
    const { issues } = await reload();
    if (issues === 0)
      return sendResponse(res, { status: 200, text: JSON.stringify({ status: "reloaded" }), headers: {} });
    const message = `the new config has issues (${issues}), listed in the log; the running config stays in use`;
    sendResponse(res, errorResponse(500, "config_refused", message));
  };
  const path = "/-/reload";
  app.post(path, onlyAllowed(guard.admin), handleReload);
  app.put(path, onlyAllowed(guard.admin), handleReload);
  app.all(path, onlyMethods("POST, PUT", "reload with POST or PUT"));
}

function onlyMethods(methods: string, message: string): RequestHandler {
  return (_req, res) => {
    res.set("Allow", methods);
    sendResponse(res, errorResponse(405, "method_not_allowed", message));
  };
}

function sendText(res: Response, status: number, line: string): void {
  res.status(status).type("text").end(`${line}\n`);
}

/** In front of every endpoint that is neither a hook nor a probe. */
export function onlyAllowed(judge: Guard["admin"]): RequestHandler {
  return async (req, res, next) => {
    const guarded = await judge(req);
    if (guarded.kind === "rejected") sendResponse(res, guarded.response);
    else next();
  };
}
