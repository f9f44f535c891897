// Reads a script of faults that came over HTTP. In: any JSON; out: the script, or a sentence that says what is wrong.

import { isObject, type JsonObject } from "./body-value.ts";
import type { Fault, FaultKind } from "./faults.ts";

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
