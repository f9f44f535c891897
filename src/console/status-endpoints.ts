// `/` and `/api/v1/status`: the status as a page for people and as JSON for their programs. Read only. Whoever may read the metrics
// may read these; the guard stands before them.

import { type RequestHandler, type Response, Router } from "express";
import type { ServiceStatus } from "./status.ts";
import { statusPage, statusPolicy } from "./status-page.ts";
import type { Language } from "./status-strings.ts";

export interface StatusEndpointOptions {
  readonly status: () => Promise<ServiceStatus>;
  readonly language: Language;
}

export function statusEndpoint({ status, language }: StatusEndpointOptions): RequestHandler {
  return async (_req, res) => {
    const page = statusPage(await status(), language);
    res.set({ "Content-Security-Policy": statusPolicy, "Referrer-Policy": "no-referrer" });
    fresh(res).type("html").end(page);
  };
}

export function statusApi({ status }: Pick<StatusEndpointOptions, "status">): Router {
  const router = Router();
  router.get("/status", async (_req, res) => {
    fresh(res).json(await status());
  });
  router.all("/status", (_req, res) => {
    res.set("Allow", "GET, HEAD").status(405).json({ error: "refused", message: "read this with GET or HEAD" });
  });
  return router;
}

function fresh(res: Response): Response {
  return res.set("Cache-Control", "no-store");
}
