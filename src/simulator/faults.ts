// Fault injection: the queue of scripted faults, the effect of each on a request, and the parser of POST /_sim/faults.
// Pure: take-send.ts and take-upload.ts apply the effect.

import { type BodyObject, isBodyObject } from "./body-value.ts";
import type { FaultEffect, FaultReply, HttpAnswer, RobotVerdict } from "./reply.ts";

interface Repeated {
  /** How many requests it applies to; default 1. */
  readonly times?: number;
}

export type ScriptedFault = Repeated &
  (
    | { readonly kind: "errcode"; readonly errcode: number; readonly errmsg?: string }
    | { readonly kind: "status"; readonly status: number; readonly body?: string; readonly location?: string }
    /** Delays the answer; the message is still judged on arrival. */
    | { readonly kind: "latency"; readonly ms: number }
    | { readonly kind: FaultWithoutDetail }
  );

/** hang and reset lose the message; accept-then-… keeps it and loses only the answer. */
type FaultWithoutDetail = "html" | "empty" | "not-json" | "hang" | "reset" | "accept-then-hang" | "accept-then-reset";

export type FaultKind = ScriptedFault["kind"];

export interface PendingFault {
  /** null: any robot. */
  readonly robot: string | null;
  readonly fault: ScriptedFault;
  readonly timesLeft: number;
}

export function pendingFaults(robot: string | null, faults: readonly ScriptedFault[]): readonly PendingFault[] {
  return faults
    .map((fault) => ({ robot, fault, timesLeft: fault.times ?? 1 }))
    .filter(({ timesLeft }) => timesLeft > 0);
}

interface TakenFault {
  readonly fault: ScriptedFault | null;
  readonly rest: readonly PendingFault[];
}

/** Each request takes at most one fault: the first in the queue for its robot or for any robot. */
export function takeFault(queue: readonly PendingFault[], robot: string): TakenFault {
  const index = queue.findIndex((entry) => entry.robot === null || entry.robot === robot);
  const entry = queue[index];
  if (entry === undefined) return { fault: null, rest: queue };
  const rest =
    entry.timesLeft > 1 ? queue.with(index, { ...entry, timesLeft: entry.timesLeft - 1 }) : queue.toSpliced(index, 1);
  return { fault: entry.fault, rest };
}

export function effectOf(fault: ScriptedFault | null): FaultEffect {
  if (fault === null) return { keepsMessage: true, delayMs: 0, reply: { kind: "judged" } };
  switch (fault.kind) {
    case "latency":
      return { keepsMessage: true, delayMs: fault.ms, reply: { kind: "judged" } };
    case "errcode":
      return replyInstead({ kind: "verdict", verdict: verdictOf(fault.errcode, fault.errmsg) }, fault.errcode === 0);
    case "status":
      return replyInstead({ kind: "answer", answer: statusAnswer(fault.status, fault.body, fault.location) });
    case "html":
      return replyInstead({ kind: "answer", answer: plainAnswer("text/html; charset=utf-8", portalPage) });
    case "empty":
      return replyInstead({ kind: "answer", answer: plainAnswer("application/json; charset=UTF-8", "") });
    case "not-json":
      return replyInstead({
        kind: "answer",
        answer: plainAnswer("application/json; charset=UTF-8", '{"errcode":0,"errm'),
      });
    case "hang":
    case "reset":
      return replyInstead({ kind: fault.kind });
    case "accept-then-hang":
      return replyInstead({ kind: "hang" }, true);
    case "accept-then-reset":
      return replyInstead({ kind: "reset" }, true);
  }
}

const portalPage = "<!doctype html><html><head><title>Login</title></head><body>Please sign in.</body></html>";

const defaultErrmsg: Readonly<Record<number, string>> = {
  [-1]: "system busy",
  0: "ok",
  40058: "invalid Request Parameter",
  45009: "api freq out of limit",
  45033: "api concurrent out of limit",
  93000: "invalid webhook url",
  93004: "robot disabled",
  93008: "robot not in chat",
};

function verdictOf(errcode: number, errmsg: string | undefined): RobotVerdict {
  return { errcode, errmsg: errmsg ?? defaultErrmsg[errcode] ?? "scripted" };
}

function replyInstead(reply: FaultReply, keepsMessage = false): FaultEffect {
  return { keepsMessage, delayMs: 0, reply };
}

function plainAnswer(contentType: string, body: string): HttpAnswer {
  return { status: 200, headers: { "Content-Type": contentType }, body };
}

function statusAnswer(status: number, body = "", location?: string): HttpAnswer {
  const headers = { "Content-Type": "text/plain; charset=utf-8" };
  return { status, headers: location === undefined ? headers : { ...headers, Location: location }, body };
}

interface FaultScript {
  readonly robot: string | null;
  readonly faults: readonly ScriptedFault[];
}

/** The whole numbers that a fault of each kind must have. */
const numberFields: Readonly<Record<FaultKind, readonly string[]>> = {
  errcode: ["errcode"],
  status: ["status"],
  latency: ["ms"],
  html: [],
  empty: [],
  "not-json": [],
  hang: [],
  reset: [],
  "accept-then-hang": [],
  "accept-then-reset": [],
};

const textFields = ["errmsg", "body", "location"];

export function parseFaultScript(value: unknown): FaultScript | string {
  if (!isBodyObject(value) || !Array.isArray(value.faults)) return "expected a JSON object {robot, faults: [...]}";
  const robot = value.robot ?? null;
  if (robot !== null && typeof robot !== "string") return "robot must be the name of a robot or null";
  const error = value.faults.map(faultError).find((text) => text !== null) ?? null;
  if (error !== null) return error;
  return { robot, faults: value.faults as readonly ScriptedFault[] };
}

function faultError(fault: unknown): string | null {
  if (!isBodyObject(fault) || !isFaultKind(fault.kind))
    return `kind of a fault must be one of: ${Object.keys(numberFields).join(", ")}`;
  const required = numberFields[fault.kind];
  const numbers = fault.times === undefined ? required : [...required, "times"];
  const missing = numbers.find((name) => !Number.isInteger(fault[name]));
  if (missing !== undefined) return `${fault.kind}: ${missing} must be an integer`;
  if (fault.kind === "status" && !isHttpStatus(fault.status)) return "status: status must be from 200 to 599";
  return textFieldError(fault);
}

function textFieldError(fault: BodyObject): string | null {
  const wrong = textFields.find((name) => fault[name] !== undefined && typeof fault[name] !== "string");
  return wrong === undefined ? null : `${String(fault.kind)}: ${wrong} must be a string`;
}

function isFaultKind(kind: unknown): kind is FaultKind {
  return typeof kind === "string" && Object.hasOwn(numberFields, kind);
}

function isHttpStatus(status: unknown): boolean {
  return typeof status === "number" && status >= 200 && status <= 599;
}
