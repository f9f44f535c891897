// `/api/v1/dead`: what an operator may ask and do about deliveries that died, as JSON. Answers this machine only while nothing else
// guards it: it shows alert text, and it can take alerts off the list.

import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from "express";
import type { Log } from "../observe/log.ts";
import type { DeadDeliveries } from "../outbox/store.ts";

export interface DeadApiDeps {
  readonly deliveries: DeadDeliveries;
  /** Whether the config asks for credentials here; they were checked before a request arrives. */
  readonly guarded: () => boolean;
  readonly log: Log;
}

const defaultDeliveries = 100;
const maxDeliveries = 1_000;

export function deadApi(deps: DeadApiDeps): Router {
  const { deliveries, log } = deps;
  const router = Router();
  router.use("/dead", onlyThisMachine(deps));
  router.get("/dead", async (req, res) => {
    const limit = limitOf(req.query.limit);
    if (limit === null) return refuse(res, 400, `limit is a number from 1 to ${maxDeliveries}`);
    res.json({ dead: await deliveries.dead({ maxDeliveries: limit }) });
  });
  const acts = {
    replay: (ids: readonly number[]) => deliveries.replay(ids),
    drop: (ids: readonly number[]) => deliveries.drop(ids),
  };
  for (const [name, act] of Object.entries(acts)) {
    router.post(`/dead/${name}`, onlyJson, express.json({ limit: "64kb" }), async (req, res) => {
      const ids = idsOf(req.body);
      if (ids === null)
        return refuse(res, 400, `send {"ids":[…]}, at most ${maxDeliveries} of the ids that GET /api/v1/dead lists`);
      const done = await act(ids);
      log.info({ act: name, deliveries: done }, "an operator worked on dead deliveries");
      res.json({ ids: done });
    });
  }
  router.use("/dead", (_req, res) =>
    refuse(res, 405, "GET /api/v1/dead, POST /api/v1/dead/replay or POST /api/v1/dead/drop"),
  );
  router.use("/dead", unreadable);
  return router;
}

function refuse(res: Response, status: number, message: string): void {
  res.status(status).json({ error: "refused", message });
}

/** The peer's own address, never a header: a header is whatever the sender writes. */
function onlyThisMachine({ guarded }: DeadApiDeps): RequestHandler {
  return (req, res, next) => {
    if (guarded() || /^(::1|(::ffff:)?127\.)/u.test(req.socket.remoteAddress ?? "")) next();
    else refuse(res, 403, "without auth.admin in the config this is answered on the machine itself only");
  };
}

/** A page of another site can make a browser on this machine post a form or plain text, but not this type without asking first. */
const onlyJson: RequestHandler = (req, res, next) => {
  if (req.is("application/json") === false) refuse(res, 415, "send Content-Type: application/json");
  else next();
};

/** Four parameters: that is how Express knows an error handler. Faults of ours go on. */
const unreadable: ErrorRequestHandler = (err: unknown, _req, res, next) => {
  const { status } = err as { readonly status?: unknown };
  if (typeof status === "number" && status >= 400 && status < 500) refuse(res, status, "the body can not be read");
  else next(err);
};

function limitOf(written: unknown): number | null {
  if (written === undefined) return defaultDeliveries;
  const limit = Number(written);
  return Number.isInteger(limit) && limit >= 1 && limit <= maxDeliveries ? limit : null;
}

function idsOf(body: unknown): readonly number[] | null {
  const ids = typeof body === "object" && body !== null && "ids" in body ? body.ids : null;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > maxDeliveries) return null;
  return ids.every((id): id is number => Number.isSafeInteger(id)) ? ids : null;
}
