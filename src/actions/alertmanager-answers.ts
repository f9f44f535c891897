// What Alertmanager's API v2 answers (prometheus/alertmanager api/v2/openapi.yaml). Unknown fields are ignored; an answer of another
// shape is null.

import type { LabelSet } from "../domain/alert.ts";

/** An alert that fires, as Alertmanager has it now. */
export interface CurrentAlert {
  readonly labels: LabelSet;
  /** Epoch ms; null when it cannot be read. */
  readonly startsAt: number | null;
  /** Ids of the silences that cover it. */
  readonly silencedBy: readonly string[];
  /** Another alert inhibits it. */
  readonly isInhibited: boolean;
}

export interface CurrentSilence {
  readonly id: string;
  /** Epoch ms. */
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
  /** It is in force now; otherwise it has not begun or is over. */
  readonly isActive: boolean;
}

export function readAlerts(text: string): readonly CurrentAlert[] | null {
  const list = parsed(text);
  if (!Array.isArray(list)) return null;
  const alerts = list.map(readAlert);
  return alerts.every((alert) => alert !== null) ? alerts : null;
}

export function readSilence(text: string): CurrentSilence | null {
  const silence = parsed(text);
  const endsAt = timeIn(silence, "endsAt");
  if (endsAt === null) return null;
  return {
    id: textIn(silence, "id"),
    endsAt,
    createdBy: textIn(silence, "createdBy"),
    comment: textIn(silence, "comment"),
    isActive: textIn(fieldIn(silence, "status"), "state") === "active",
  };
}

/** The id of a silence that was made. */
export function readSilenceId(text: string): string | null {
  return textIn(parsed(text), "silenceID") || null;
}

const longestMessage = 300;

/** A JSON string, an object with `message`, or plain text (of a proxy); in one line. */
export function readRejection(text: string): string {
  const answer = parsed(text);
  const message = typeof answer === "string" ? answer : textIn(answer, "message") || text;
  return message
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, longestMessage)
    .toWellFormed();
}

function readAlert(value: unknown): CurrentAlert | null {
  const labels = fieldIn(value, "labels");
  if (typeof labels !== "object" || labels === null) return null;
  const pairs = Object.entries(labels);
  if (!pairs.every(([, text]) => typeof text === "string")) return null;
  const status = fieldIn(value, "status");
  return {
    labels: Object.fromEntries(pairs),
    startsAt: timeIn(value, "startsAt"),
    silencedBy: textsIn(status, "silencedBy"),
    isInhibited: textsIn(status, "inhibitedBy").length > 0,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
}

function textIn(value: unknown, name: string): string {
  const field = fieldIn(value, name);
  return typeof field === "string" ? field : "";
}

function textsIn(value: unknown, name: string): readonly string[] {
  const field = fieldIn(value, name);
  return Array.isArray(field) ? field.filter((one) => typeof one === "string") : [];
}

function timeIn(value: unknown, name: string): number | null {
  const at = Date.parse(textIn(value, name));
  return Number.isNaN(at) ? null : at;
}
