// Which labels a message shows when it has no room for all: those that say where an alert happens, and those that
// distinguish alerts.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import { labelWord, type NameValue, shownAsHeading } from "./labels.ts";
import type { Strings } from "./strings.ts";

export interface Highlight extends NameValue {
  /** The label's name in the language of the message, or as it is. */
  readonly word: string;
}

/** Labels that say where it happens, from the narrowest to the widest. */
const locating = [
  "instance",
  "node",
  "host",
  "hostname",
  "pod",
  "container",
  "deployment",
  "namespace",
  "device",
  "mountpoint",
  "database",
  "service",
  "app",
  "application",
  "job",
  "cluster",
  "region",
  "env",
  "environment",
  "team",
];

/** Grafana's own labels; they do not help a reader to find the cause. */
const internal = ["ref_id", "datasource_uid"];

/** The lower, the more a label says about where it happens. */
export function labelRank(name: string): number {
  const at = locating.indexOf(name);
  if (at !== -1) return at;
  return internal.includes(name) ? locating.length + 1 : locating.length;
}

/** The labels that the sender groups by come first: readers know the group by them. */
export function highlightsOf(common: readonly NameValue[], group: AlertGroup, strings: Strings): readonly Highlight[] {
  const rank = ({ name }: NameValue) =>
    (Object.hasOwn(group.groupLabels, name) ? -locating.length : 0) + labelRank(name);
  const shown = common.filter(({ name }) => !internal.includes(name));
  return shown
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ name, value }) => ({ name, value, word: labelWord(name, strings) }));
}

/**
 * The fewest labels that distinguish the alerts, in the order of labelRank. At least one where there is any: it says
 * where an alert happened that is the only one of its name. Linear in the number of labels: a sender may give each
 * alert a thousand of its own.
 */
export function fewestLabels(alerts: readonly Alert[]): readonly string[] {
  const holders = holdersOf(alerts);
  const distinguishes = splitter(alerts.length);
  const names = labelNames(alerts);
  return names.filter((name, at) => distinguishes(holders.get(name) ?? []) || at === 0);
}

interface Holder {
  readonly index: number;
  readonly value: string;
}

/** By label name, the alerts that have it. An empty value counts as none. */
function holdersOf(alerts: readonly Alert[]): ReadonlyMap<string, readonly Holder[]> {
  const holders = new Map<string, Holder[]>();
  for (const [index, { labels }] of alerts.entries()) {
    for (const [name, value] of Object.entries(labels)) {
      if (value === "") continue;
      const known = holders.get(name);
      if (known === undefined) holders.set(name, [{ index, value }]);
      else known.push({ index, value });
    }
  }
  return holders;
}

/**
 * Says of one label after another whether it distinguishes alerts that those before it do not. Alerts that are not
 * distinguished yet are in one class.
 */
function splitter(count: number): (holders: readonly Holder[]) => boolean {
  const classOf: number[] = Array(count).fill(0);
  const sizes = [count];
  return (holders) => {
    let isSplit = false;
    for (const [from, members] of Map.groupBy(holders, ({ index }) => classOf[index] ?? 0)) {
      const byValue = Map.groupBy(members, ({ value }) => value);
      if (byValue.size === 1 && members.length === sizes[from]) continue;
      isSplit = true;
      sizes[from] = (sizes[from] ?? 0) - members.length;
      for (const part of byValue.values()) {
        const to = sizes.push(part.length) - 1;
        for (const { index } of part) classOf[index] = to;
      }
    }
    return isSplit;
  };
}

/** All label names but those of the heading, in the order of labelRank. */
function labelNames(alerts: readonly Alert[]): readonly string[] {
  const names = new Set<string>();
  for (const { labels } of alerts) {
    const heading = shownAsHeading(labels);
    for (const name of Object.keys(labels)) if (!heading.has(name)) names.add(name);
  }
  return [...names].toSorted((a, b) => labelRank(a) - labelRank(b));
}
