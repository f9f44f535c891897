// `POST /api/v1/try-now`: what waits after a failure is tried at once.

import express, { Router } from "express";
import type { Log } from "../observe/log.ts";
import { answerError, onlyJson, unreadableBody } from "./dead-api.ts";

/**
 * For these bots, or for all of the config: keys that are off or on hold after a failure, and messages that wait for a retry. Returns
 * the bots that waited. Null when one of them is not configured: then nothing is tried.
 */
export type TryNow = (bots: readonly string[] | "all") => Promise<readonly string[] | null>;

export interface TryNowApiOptions {
  readonly tryNow: TryNow;
  readonly log: Log;
}

export function tryNowApi({ tryNow, log }: TryNowApiOptions): Router {
  const router = Router();
  router.post("/try-now", onlyJson, express.json({ limit: "64kb" }), async (req, res) => {
    const wanted = botsOf(req.body);
    if (wanted === null) return answerError(res, 400, bodyHint);
    const bots = await tryNow(wanted);
    if (bots === null) return answerError(res, 404, "no bot with this name is configured");
    log.info({ bots }, "operator asked to try again now");
    res.json({ bots });
  });
  router.use("/try-now", (_req, res) => answerError(res, 405, "use POST /api/v1/try-now"));
  router.use("/try-now", unreadableBody);
  return router;
}

const bodyHint = 'send {"bots":["NAME"]}, or {} for all bots';

function botsOf(body: unknown): readonly string[] | "all" | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  if (!("bots" in body)) return "all";
  const { bots } = body;
  return Array.isArray(bots) && bots.every((bot) => typeof bot === "string") ? bots : null;
}
