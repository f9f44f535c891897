// The inspection API under /_sim. Answers are JSON; every key of a robot in them is replaced by ***, also a key that a
// client put into a message.

import express, { type RequestHandler, type Response, Router } from "express";
import { isBodyObject } from "./body-value.ts";
import type { ScriptedFault } from "./faults.ts";
import { parseFaultScript } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { describeRules } from "./rules/rule-list.ts";

interface InspectionContext {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly advance: (ms: number) => void;
  readonly script: (robot: string | null, faults: readonly ScriptedFault[]) => void;
  readonly reset: () => void;
}

export function inspectionRoutes(context: InspectionContext): Router {
  const { ledger } = context;
  const router = Router();
  const get = (path: string, read: () => unknown) =>
    router.get(path, (_request, response) => sendJson(ledger, response, read()));
  get("/_sim/messages", () => ledger.accepted());
  get("/_sim/violations", () => ledger.violations());
  get("/_sim/arrivals", () => ledger.arrivals());
  get("/_sim/files", () => ledger.files());
  get("/_sim/window", () => ({ largest: ledger.largestWindow() }));
  get("/_sim/robots", () => robotsNow(context));
  get("/_sim/rules", () => describeRules());
  get("/_sim/faults", () => ledger.pendingFaults());
  get("/_sim/clock", () => ({ now: context.now() }));
  const json = express.json({ limit: "1mb" });
  router.post("/_sim/faults", json, scriptRoute(context));
  router.post("/_sim/clock", json, clockRoute(context));
  router.post("/_sim/reset", json, (_request, response) => {
    context.reset();
    sendJson(ledger, response, { ok: true });
  });
  router.get("/_sim/files/:number", fileRoute(ledger));
  return router;
}

function sendJson(ledger: Ledger, response: Response, value: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
  response.end(ledger.keys.hideKeys(JSON.stringify(value)));
}

function robotsNow({ ledger, now }: InspectionContext) {
  return ledger.keys.robots.map((robot) => ({
    robot: robot.name,
    keyNumber: robot.keyNumber,
    slotsTaken: ledger.slotsTaken(robot, now()),
    slots: ledger.switches.limit,
  }));
}

function scriptRoute({ ledger, script }: InspectionContext): RequestHandler {
  return (request, response) => {
    const parsed = parseFaultScript(request.body);
    if (typeof parsed === "string") return sendJson(ledger, response, { error: parsed }, 400);
    script(parsed.robot, parsed.faults);
    return sendJson(ledger, response, { ok: true });
  };
}

function clockRoute({ ledger, advance, now }: InspectionContext): RequestHandler {
  return (request, response) => {
    const ms: unknown = isBodyObject(request.body) ? request.body.advance_ms : undefined;
    if (typeof ms !== "number" || !(ms >= 0)) {
      return sendJson(ledger, response, { error: "expected {advance_ms: a number of 0 or more}" }, 400);
    }
    advance(ms);
    return sendJson(ledger, response, { now: now() });
  };
}

/** The n-th file of /_sim/files, from 1, as a download. Keys are replaced in text, not in binary files. */
function fileRoute(ledger: Ledger): RequestHandler {
  return (request, response) => {
    const { hideKeys } = ledger.keys;
    const listed = ledger.files()[Number(request.params.number) - 1];
    const file = listed === undefined ? null : ledger.media(listed.mediaId);
    if (listed === undefined || file === null) return sendJson(ledger, response, { error: "no such file" }, 404);
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(hideKeys(file.name))}`,
      "X-Content-Type-Options": "nosniff",
    });
    return response.end(listed.text === null ? file.bytes : hideKeys(listed.text));
  };
}
