// The labels of a group that a card has room for, the most telling first, each with a word that fits the five characters of
// a row's name.

import type { AlertGroup } from "../domain/alert.ts";
import type { NameValue } from "./alert-view.ts";
import type { Words } from "./words.ts";

export interface Highlight extends NameValue {
  /** The label's name in the language of the message, or as it is. */
  readonly word: string;
}

/** Where it happens, from the nearest to the widest. */
const telling = [
  ...["instance", "node", "host", "hostname", "pod", "container", "deployment", "namespace", "device", "mountpoint"],
  ...["database", "service", "app", "application", "job", "cluster", "region", "env", "environment", "team"],
];

/** Grafana's own; they lead nobody to the fault. */
const untelling = ["ref_id", "datasource_uid"];

/** The lower, the nearer to where it happens. */
export function tellingRank(name: string): number {
  const at = telling.indexOf(name);
  if (at !== -1) return at;
  return untelling.includes(name) ? telling.length + 1 : telling.length;
}

/** What the sender groups by comes first: it is how readers know the group. */
export function highlightsOf(common: readonly NameValue[], group: AlertGroup, words: Words): readonly Highlight[] {
  const rank = ({ name }: NameValue) =>
    (Object.hasOwn(group.groupLabels, name) ? -telling.length : 0) + tellingRank(name);
  const word = (name: string) => (Object.hasOwn(words.labels, name) ? (words.labels[name] ?? name) : name);
  const shown = common.filter(({ name }) => !untelling.includes(name));
  return shown.toSorted((a, b) => rank(a) - rank(b)).map(({ name, value }) => ({ name, value, word: word(name) }));
}
