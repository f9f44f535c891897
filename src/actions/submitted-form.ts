// What the form of the page asks for.

import { silenceScopes } from "../domain/silence.ts";
import type { ActionChoice } from "./act.ts";
import { personName } from "./person.ts";

export interface SubmittedForm {
  readonly choice: ActionChoice;
  /** Empty when no name was chosen or typed. A typed one counts. */
  readonly name: string;
}

/** @param body fields of a form; null for anything that no form of ours sends */
export function readForm(body: unknown): SubmittedForm | null {
  const choice = choiceIn(textIn(body, "act"), textIn(body, "scope"));
  return choice === null ? null : { choice, name: personName(textIn(body, "name")) || personName(textIn(body, "who")) };
}

function choiceIn(act: string, asked: string): ActionChoice | null {
  if (act === "acknowledge") return { action: "acknowledge" };
  const scope = silenceScopes.find((one) => one === asked);
  if (scope === undefined) return null;
  if (act === "recovered") return { action: "silence", scope, durationMs: null };
  return /^\d{1,12}$/.test(act) ? { action: "silence", scope, durationMs: Number(act) } : null;
}

function textIn(body: unknown, name: string): string {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return "";
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" ? value : "";
}
