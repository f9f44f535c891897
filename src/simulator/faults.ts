// Scripted faults: what the next requests meet instead of, or on top of, the normal judgement. Pure: a queue and a robot
// in, the fault and the rest of the queue out; what a fault does is a value that the server carries out.
// Reads a script of faults that came over HTTP. In: any JSON; out: the script, or a sentence that says what is wrong.

import { isObject, type JsonObject } from "./body-value.ts";
import type { Answer, FaultEffect, FaultReply, Verdict } from "./reply.ts";

interface Repeated {
  /** How many requests meet it; default 1. */
  readonly times?: number;
}

export type Fault = Repeated &
  (
    | { readonly kind: "errcode"; readonly errcode: number; readonly errmsg?: string }
    | { readonly kind: "status"; readonly status: number; readonly body?: string; readonly location?: string }
    /** Delays the answer; the message is judged as ever, on arrival. */
    | { readonly kind: "latency"; readonly ms: number }
    | { readonly kind: FaultWithoutDetail }
  );

/** hang and reset lose the message; accept-then-… keep it and lose only the answer. */
type FaultWithoutDetail = "html" | "empty" | "not-json" | "hang" | "reset" | "accept-then-hang" | "accept-then-reset";

export type FaultKind = Fault["kind"];

export interface ScriptedFault {
  /** null: any robot. */
  readonly robot: string | null;
  readonly fault: Fault;
  readonly left: number;
}

export function scripted(robot: string | null, faults: readonly Fault[]): readonly ScriptedFault[] {
  return faults.map((fault) => ({ robot, fault, left: fault.times ?? 1 })).filter(({ left }) => left > 0);
}

export interface TakenFault {
  readonly fault: Fault | null;
  readonly rest: readonly ScriptedFault[];
}

/** One request meets one fault: the first in the queue that is for its robot. */
export function takeFault(queue: readonly ScriptedFault[], robot: string): TakenFault {
  const index = queue.findIndex((entry) => entry.robot === null || entry.robot === robot);
  const entry = queue[index];
  if (entry === undefined) return { fault: null, rest: queue };
  const rest = entry.left > 1 ? queue.with(index, { ...entry, left: entry.left - 1 }) : queue.toSpliced(index, 1);
  return { fault: entry.fault, rest };
}

export function effectOf(fault: Fault | null): FaultEffect {
  if (fault === null) return { keeps: true, delayMs: 0, reply: { kind: "judged" } };
  switch (fault.kind) {
    case "latency":
      return { keeps: true, delayMs: fault.ms, reply: { kind: "judged" } };
    case "errcode":
      return instead({ kind: "verdict", verdict: verdictOf(fault.errcode, fault.errmsg) }, fault.errcode === 0);
    case "status":
      return instead({ kind: "answer", answer: statusAnswer(fault.status, fault.body, fault.location) });
    case "html":
      return instead({ kind: "answer", answer: plainAnswer("text/html; charset=utf-8", portalPage) });
    case "empty":
      return instead({ kind: "answer", answer: plainAnswer("application/json; charset=UTF-8", "") });
    case "not-json":
      return instead({ kind: "answer", answer: plainAnswer("application/json; charset=UTF-8", '{"errcode":0,"errm') });
    case "hang":
    case "reset":
      return instead({ kind: fault.kind });
    case "accept-then-hang":
      return instead({ kind: "hang" }, true);
    case "accept-then-reset":
      return instead({ kind: "reset" }, true);
  }
}

const portalPage = "<!doctype html><html><head><title>Login</title></head><body>Please sign in.</body></html>";

const scriptedText: Readonly<Record<number, string>> = {
  [-1]: "system busy",
  0: "ok",
  40058: "invalid Request Parameter",
  45009: "api freq out of limit",
  45033: "api concurrent out of limit",
  93000: "invalid webhook url",
  93004: "robot disabled",
  93008: "robot not in chat",
};

function verdictOf(errcode: number, errmsg: string | undefined): Verdict {
  return { errcode, errmsg: errmsg ?? scriptedText[errcode] ?? "scripted" };
}

function instead(reply: FaultReply, keeps = false): FaultEffect {
  return { keeps, delayMs: 0, reply };
}

function plainAnswer(contentType: string, body: string): Answer {
  return { status: 200, headers: { "Content-Type": contentType }, body };
}

function statusAnswer(status: number, body = "", location?: string): Answer {
  const headers = {
    "Content-Type": "text/plain; charset=utf-8",
    ...(location === undefined ? {} : { Location: location }),
  };
  return { status, headers, body };
}

export interface FaultScript {
  readonly robot: string | null;
  readonly faults: readonly Fault[];
}

const needs: Readonly<Record<FaultKind, readonly string[]>> = {
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

const texts = ["errmsg", "body", "location"];

export function parseFaultScript(value: unknown): FaultScript | string {
  if (!isObject(value) || !Array.isArray(value.faults)) return "expected {robot, faults: [...]}";
  const robot = value.robot ?? null;
  if (robot !== null && typeof robot !== "string") return "robot must be a name or null";
  const wrong = value.faults.map(faultIssue).find((issue) => issue !== null);
  if (wrong !== undefined && wrong !== null) return wrong;
  return { robot, faults: value.faults as readonly Fault[] };
}

function faultIssue(fault: unknown): string | null {
  if (!isObject(fault) || !isKind(fault.kind)) return `a fault's kind is one of: ${Object.keys(needs).join(", ")}`;
  const missing = [...needs[fault.kind], ...(fault.times === undefined ? [] : ["times"])].find(
    (name) => !Number.isInteger(fault[name]),
  );
  if (missing !== undefined) return `${fault.kind}: ${missing} must be a whole number`;
  if (fault.kind === "status" && !isStatus(fault.status)) return "status: status must be 200 to 599";
  return textIssue(fault);
}

function textIssue(fault: JsonObject): string | null {
  const wrong = texts.find((name) => fault[name] !== undefined && typeof fault[name] !== "string");
  return wrong === undefined ? null : `${String(fault.kind)}: ${wrong} must be a string`;
}

function isKind(kind: unknown): kind is FaultKind {
  return typeof kind === "string" && Object.hasOwn(needs, kind);
}

function isStatus(status: unknown): boolean {
  return typeof status === "number" && status >= 200 && status <= 599;
}
