// What probes and scrapers read, and the reload. Probes are open to anyone; metrics and the reload are for whom `auth.admin` lets in.

import type { Express, RequestHandler, Response } from "express";
import type { Metrics } from "../observe/metrics.ts";
import { type Answer, refusal } from "./answer.ts";
import type { Guard } from "./guard.ts";

/**
 * What probes are told, and whether webhooks are taken. A service that is about to stop is not ready and still accepts: whoever
 * routes to it needs a moment to notice, and Grafana does not try a refused webhook again.
 */
export type Status =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string; readonly accepts: boolean };

/** Returns the number of issues for which the new config was not loaded; 0 when it runs. */
export type Reload = (cause: "request") => { readonly issues: number };

export interface ProbeDeps {
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, "text" | "contentType">;
  readonly guard: Pick<Guard, "admin">;
  readonly reload: Reload;
}

export function addProbes(app: Express, { status, metrics, guard, reload }: ProbeDeps): void {
  addReload(app, guard, reload);
  const probes: Readonly<Record<string, readonly RequestHandler[]>> = {
    "/-/healthy": [(_req, res) => void res.type("text").end("healthy\n")],
    "/-/ready": [
      (_req, res) => {
        const now = status();
        res.status(now.ready ? 200 : 503).type("text");
        res.end(now.ready ? "ready\n" : `${now.reason}\n`);
      },
    ],
    "/metrics": [
      onlyAdmin(guard),
      async (_req, res) => {
        const text = await metrics.text();
        res.set("Content-Type", metrics.contentType).end(text);
      },
    ],
  };
  for (const [path, handlers] of Object.entries(probes)) {
    app.get(path, ...handlers);
    app.all(path, (_req, res) => {
      res.set("Allow", "GET, HEAD");
      tell(res, refusal(405, "method_not_allowed", "read this with GET or HEAD"));
    });
  }
}

/** As Alertmanager's: always there. */
function addReload(app: Express, guard: Pick<Guard, "admin">, reload: Reload): void {
  const take: RequestHandler = (_req, res) => {
    const { issues } = reload("request");
    if (issues === 0) return tell(res, { status: 200, text: JSON.stringify({ status: "reloaded" }), headers: {} });
    const message = `the new config has issues (${issues}), listed in the log; the running config stays in use`;
    tell(res, refusal(500, "config_refused", message));
  };
  const path = "/-/reload";
  app.post(path, onlyAdmin(guard), take);
  app.put(path, onlyAdmin(guard), take);
  app.all(path, (_req, res) => {
    res.set("Allow", "POST, PUT");
    tell(res, refusal(405, "method_not_allowed", "reload with POST or PUT"));
  });
}

/** In front of every face that is neither a hook nor a probe. */
export function onlyAdmin(guard: Pick<Guard, "admin">): RequestHandler {
  return async (req, res, next) => {
    const guarded = await guard.admin(req);
    if (guarded.kind === "refused") tell(res, guarded.answer);
    else next();
  };
}

export function tell(res: Response, { status, text, headers }: Answer): void {
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(text);
}
