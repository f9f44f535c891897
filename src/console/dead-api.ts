// `/api/v1/dead`: lists dead deliveries, and replays or drops them. It shows alert text and takes alerts off the list.

import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from "express";
import type { Log } from "../observe/log.ts";
import { maskSecrets } from "../observe/mask.ts";
import type { DeadDeliveries, DeadDelivery } from "../outbox/store.ts";

export interface DeadApiOptions {
  readonly deliveries: DeadDeliveries;
  readonly log: Log;
}

const defaultDeliveries = 100;
const maxDeliveries = 1_000;

export function deadApi({ deliveries, log }: DeadApiOptions): Router {
  const router = Router();
  router.get("/dead", async (req, res) => {
    const limit = limitOf(req.query.limit);
    if (limit === null) return answerError(res, 400, `limit must be a number from 1 to ${maxDeliveries}`);
    res.json({ deliveries: (await deliveries.dead({ maxDeliveries: limit })).map(withoutSecrets) });
  });
  const actOn = (act: (ids: readonly number[]) => Promise<readonly number[]>, logged: string): RequestHandler => {
    return async (req, res) => {
      const wanted = idsOf(req.body);
      if (wanted === null) return answerError(res, 400, idsHint);
      const ids = await act(wanted);
      log.info({ ids }, logged);
      res.json({ ids });
    };
  };
  const readJson = [onlyJson, express.json({ limit: "64kb" })];
  router.post(
    "/dead/replay",
    readJson,
    actOn((ids) => deliveries.replay(ids), "operator replayed dead deliveries"),
  );
  router.post(
    "/dead/drop",
    readJson,
    actOn((ids) => deliveries.drop(ids), "operator dropped dead deliveries"),
  );
  router.use("/dead", (_req, res) => answerError(res, 405, methodHint));
  router.use("/dead", unreadableBody);
  return router;
}

/** A body may hold a link to the phone page, whose token is a permission. */
function withoutSecrets(delivery: DeadDelivery): DeadDelivery {
  return { ...delivery, parts: delivery.parts.map((part) => ({ ...part, body: maskSecrets(part.body) })) };
}

const idsHint = `send {"ids":[…]} with at most ${maxDeliveries} of the ids that GET /api/v1/dead lists`;
const methodHint = "use GET /api/v1/dead, POST /api/v1/dead/replay or POST /api/v1/dead/drop";

export function answerError(res: Response, status: number, message: string): void {
  res.status(status).json({ error: "refused", message });
}

/** `curl -d` sends another type. */
export const onlyJson: RequestHandler = (req, res, next) => {
  if (req.is("application/json") === false) answerError(res, 415, "send Content-Type: application/json");
  else next();
};

/** Express knows an error handler by its four parameters. Our own errors are passed on. */
export const unreadableBody: ErrorRequestHandler = (err: unknown, _req, res, next) => {
  const { status } = err as { readonly status?: unknown };
  if (typeof status === "number" && status >= 400 && status < 500) answerError(res, status, "the body cannot be read");
  else next(err);
};

function limitOf(text: unknown): number | null {
  if (text === undefined) return defaultDeliveries;
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= maxDeliveries ? limit : null;
}

function idsOf(body: unknown): readonly number[] | null {
  const ids = typeof body === "object" && body !== null && "ids" in body ? body.ids : null;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > maxDeliveries) return null;
  return ids.every((id): id is number => Number.isSafeInteger(id)) ? ids : null;
}
