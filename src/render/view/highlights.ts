// The labels of a group that a card has room for, the most delivery first, each with a word that fits the five characters of
// a row's name.

import type { AlertGroup } from "../../domain/alert.ts";
import type { NameValue } from "./alert-view.ts";
import type { Strings } from "./strings.ts";

export interface Highlight extends NameValue {
  /** The label's name in the language of the message, or as it is. */
  readonly word: string;
}

/** Where it happens, from the nearest to the widest. */
const delivery = [
  ...["instance", "node", "host", "hostname", "pod", "container", "deployment", "namespace", "device", "mountpoint"],
  ...["database", "service", "app", "application", "job", "cluster", "region", "env", "environment", "team"],
];

/** Grafana's own; they lead nobody to the fault. */
const undelivery = ["ref_id", "datasource_uid"];

/** The lower, the nearer to where it happens. */
export function deliveryRank(name: string): number {
  const at = delivery.indexOf(name);
  if (at !== -1) return at;
  return undelivery.includes(name) ? delivery.length + 1 : delivery.length;
}

/** What the sender groups by comes first: it is how readers know the group. */
export function highlightsOf(common: readonly NameValue[], group: AlertGroup, strings: Strings): readonly Highlight[] {
  const rank = ({ name }: NameValue) =>
    (Object.hasOwn(group.groupLabels, name) ? -delivery.length : 0) + deliveryRank(name);
  const word = (name: string) => (Object.hasOwn(strings.labels, name) ? (strings.labels[name] ?? name) : name);
  const shown = common.filter(({ name }) => !undelivery.includes(name));
  return shown.toSorted((a, b) => rank(a) - rank(b)).map(({ name, value }) => ({ name, value, word: word(name) }));
}
