// What probes and scrapers read. Probes are open to anyone; metrics are for whom `auth.admin` lets in.

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

export interface ProbeDeps {
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, "text" | "contentType">;
  readonly guard: Pick<Guard, "admin">;
}

export function addProbes(app: Express, { status, metrics, guard }: ProbeDeps): void {
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

/** In front of every face that is neither a hook nor a probe. */
export function onlyAdmin(guard: Pick<Guard, "admin">): RequestHandler {
  return async (req, res, next) => {
    const guarded = await guard.admin(req);
    if (guarded.kind === "refused") tell(res, guarded.answer);
    else next();
  };
}

export function tell(res: Response, { status, text, headers }: Answer): void {
  res.status(status).set(headers).type("json").end(text);
}
