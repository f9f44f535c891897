import { type RequestHandler, type Response, Router } from "express";
import type { Language } from "../domain/message-kind.ts";
import type { ServiceStatus } from "./status.ts";
import { statusPage, statusPolicy } from "./status-page.ts";

type ReadStatus = () => Promise<ServiceStatus>;

export function statusEndpoint(readStatus: ReadStatus, language: Language): RequestHandler {
  return async (_req, res) => {
    const page = statusPage(await readStatus(), language);
    res.set({ "Content-Security-Policy": statusPolicy, "Referrer-Policy": "no-referrer" });
    notCached(res).type("html").end(page);
  };
}

export function statusApi(readStatus: ReadStatus): Router {
  const router = Router();
  router.get("/status", async (_req, res) => {
    notCached(res).json(await readStatus());
  });
  router.all("/status", (_req, res) => {
    res.set("Allow", "GET, HEAD").status(405).json({ error: "refused", message: "use GET or HEAD" });
  });
  return router;
}

function notCached(res: Response): Response {
  return res.set("Cache-Control", "no-store");
}
