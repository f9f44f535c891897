import { Router } from "express";
import type { ServiceStatus } from "./status.ts";

export function statusApi(readStatus: () => Promise<ServiceStatus>): Router {
  const router = Router();
  router.get("/status", async (_req, res) => {
    res.set("Cache-Control", "no-store").json(await readStatus());
  });
  router.all("/status", (_req, res) => {
    res.set("Allow", "GET, HEAD").status(405).json({ error: "refused", message: "use GET or HEAD" });
  });
  return router;
}
