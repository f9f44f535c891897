// What a search in the history compares: the receiver and the labels of alerts, in lower case.

import type { Alert, AlertGroup } from "../domain/alert.ts";

/** A word, or a label with its whole value. In lower case. */
export interface SearchTerm {
  readonly text: string;
  /** It must be a whole line of `searchText`. */
  readonly isLabel: boolean;
}

type SearchedGroup = Pick<AlertGroup, "receiver" | "alerts" | "groupLabels">;

/** One line for the receiver and for each pair, each once. An announcement is found by the labels that it is about. */
export function searchText({ receiver, alerts, groupLabels }: SearchedGroup): string {
  const lines = new Set([lineOf(receiver)]);
  // Most pairs of a group are in each of its alerts: only the first makes a line.
  const seen = new Map<string, Set<string>>();
  for (const { labels } of alerts.length > 0 ? alerts : [{ labels: groupLabels }]) {
    for (const name of Object.keys(labels)) {
      const value = labels[name] ?? "";
      const values = seen.get(name) ?? new Set();
      if (values.size === 0) seen.set(name, values);
      if (values.has(value)) continue;
      values.add(value);
      lines.add(lineOf(`${name}=${value}`));
    }
  }
  return [...lines].join("\n");
}

/** PostgreSQL stores no NUL, and no engine half a character. */
function lineOf(text: string): string {
  return text
    .replaceAll(/[\0\n\r]/g, " ")
    .toLowerCase()
    .toWellFormed();
}

const termForm = /([^\s"=]+=)?"([^"]*)"?|\S+/gu;

/** Words are separated by blanks; what is in quotation marks is one. */
export function searchTerms(text: string): readonly SearchTerm[] {
  return [...text.matchAll(termForm)]
    .map(([word, name, quoted]) => ({ text: lineOf(`${name ?? ""}${quoted ?? word}`), isLabel: name !== undefined }))
    .filter((term) => term.text !== "");
}

export function matchesTerms(alert: Alert, receiver: string, terms: readonly SearchTerm[]): boolean {
  if (terms.length === 0) return true;
  const lines = searchText({ receiver, alerts: [alert], groupLabels: {} }).split("\n");
  return terms.every(({ text, isLabel }) => lines.some((line) => (isLabel ? line === text : line.includes(text))));
}
