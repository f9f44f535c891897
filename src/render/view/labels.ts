// Labels of an alert: those that a message shows as its name and its severity, and others.

import type { LabelSet } from "../../domain/alert.ts";
import type { Strings } from "./strings.ts";

/** A label, an annotation, or one of several values. */
export interface NameValue {
  readonly name: string;
  readonly value: string;
}

/** Empty for a label that the set does not have. */
export function labelOf(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}

/** The label of the severity: some senders call it `level` or `priority`. */
export function severityName(labels: LabelSet): string | null {
  return ["severity", "level", "priority"].find((name) => labelOf(labels, name) !== "") ?? null;
}

export function alertName(labels: LabelSet, strings: Strings): string {
  const name = labelOf(labels, "alertname");
  return (
    (isReplacedName(labels) && labelOf(labels, "rulename")) || name || labelOf(labels, "rulename") || strings.unnamed
  );
}

/** Grafana sends these in place of the rule's own name. */
function isReplacedName(labels: LabelSet): boolean {
  return ["DatasourceNoData", "DatasourceError"].includes(labelOf(labels, "alertname"));
}

/** A label's name as a card has room for it, in the language of the message; else as it is. */
export function labelWord(name: string, { labels }: Strings): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? name) : name;
}

/** Names of the labels that a message shows as the name and the severity of the alert. */
export function shownAsHeading(labels: LabelSet): ReadonlySet<string> {
  const severity = severityName(labels);
  return new Set([
    "alertname",
    ...(severity === null ? [] : [severity]),
    ...(isReplacedName(labels) ? ["rulename"] : []),
  ]);
}
