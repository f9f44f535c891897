// Alerts of one delivery, of one group or of many, as rows: in reading order, each with the labels that tell it from the
// others of its name. What a digest lists and a file holds.

import type { Alert } from "../../domain/alert.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import { cleanText, oneLine } from "../markup/escape.ts";
import type { RenderSettings } from "../settings.ts";
import { type AlertCore, coreOf, saidElsewhere } from "./alert-core.ts";
import type { NameValue } from "./alert-view.ts";
import { deliveryRank } from "./highlights.ts";
import { own, severityRank } from "./severity.ts";
import { clockOf, stringsFor } from "./strings.ts";

export interface AlertRow extends AlertCore {
  readonly status: Alert["status"];
  readonly labels: Alert["labels"];
  readonly differing: readonly NameValue[];
}

export interface SourcedRow {
  readonly row: AlertRow;
  readonly alert: Alert;
  readonly receiver: string;
}

/** Firing before resolved, then the worst severity first, then as they were accepted. */
export function rowsOf(deliveries: readonly GroupDelivery[], settings: RenderSettings): readonly SourcedRow[] {
  const strings = stringsFor(settings.language);
  const shared = { strings, clock: clockOf(settings.timezone), now: settings.now, language: settings.language };
  const plain = deliveries.flatMap(({ routed, recoveredWhileWaiting }) => {
    const own = { ...shared, recoveredWhileWaiting: new Set(recoveredWhileWaiting) };
    return routed.group.alerts.map((alert) => ({
      alert,
      receiver: routed.group.receiver,
      core: coreOf(alert, own),
    }));
  });
  const labels = deliveryLabels(plain.map(({ alert, core }) => ({ name: core.name, alert })));
  const ordered = plain.toSorted((a, b) => rank(b) - rank(a));
  return ordered.map(({ alert, receiver, core }) => {
    const named = labels.get(core.name) ?? [];
    const differing = named.flatMap((name) => {
      const value = own(alert.labels, name);
      return value === "" ? [] : [{ name: inLine(name), value: inLine(value) }];
    });
    const shown = { ...core, name: inLine(core.name), severity: inLine(core.severity) };
    return { alert, receiver, row: { ...shown, status: alert.status, labels: alert.labels, differing } };
  });
}

/** A row is one line. */
function inLine(text: string): string {
  return oneLine(cleanText(text)).trim();
}

function rank({ alert, core }: { readonly alert: Alert; readonly core: AlertCore }): number {
  return (alert.status === "firing" ? 10 : 0) + severityRank(core.severity);
}

/**
 * By alertname: the fewest labels that tell its alerts apart, the most delivery first. At least one where there is any: an
 * alert that is alone under its name still happened somewhere.
 */
function deliveryLabels(
  named: readonly { readonly name: string; readonly alert: Alert }[],
): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(named, ({ name }) => name);
  return new Map([...groups].map(([name, group]) => [name, fewest(group.map(({ alert }) => alert))]));
}

/** Linear in the number of pairs: a sender may give every alert a thousand labels of its own. */
function fewest(alerts: readonly Alert[]): readonly string[] {
  const names = namesIn(alerts);
  const holders = holdersOf(alerts);
  const all = new Classes(alerts.length);
  for (const name of names) all.split(holders.get(name) ?? []);
  const chosen: string[] = [];
  const own = new Classes(alerts.length);
  for (const name of names) {
    if (own.count === all.count && chosen.length > 0) break;
    const before = own.count;
    own.split(holders.get(name) ?? []);
    if (own.count > before || chosen.length === 0) chosen.push(name);
  }
  return chosen;
}

interface Holder {
  readonly index: number;
  readonly value: string;
}

/** By label name, the alerts that have it. An empty value is none. */
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

/** Alerts that can not be told apart yet are in one class. */
class Classes {
  readonly #classOf: number[];
  readonly #sizes: number[];
  count: number;

  constructor(alerts: number) {
    this.#classOf = Array(alerts).fill(0);
    this.#sizes = [alerts];
    this.count = alerts === 0 ? 0 : 1;
  }

  split(holders: readonly Holder[]): void {
    const made = new Map<string, number>();
    for (const { index, value } of holders) {
      const from = this.#classOf[index] ?? 0;
      const key = `${from} ${value}`;
      const to = made.get(key) ?? this.#sizes.length;
      made.set(key, to);
      this.#move(index, from, to);
    }
  }

  #move(index: number, from: number, to: number): void {
    const left = (this.#sizes[from] ?? 0) - 1;
    const now = (this.#sizes[to] ?? 0) + 1;
    this.#sizes[from] = left;
    this.#sizes[to] = now;
    this.#classOf[index] = to;
    this.count += (now === 1 ? 1 : 0) - (left === 0 ? 1 : 0);
  }
}

/** Every label name but those that stand in a place of their own; the most delivery first. */
function namesIn(alerts: readonly Alert[]): readonly string[] {
  const names = new Set<string>();
  for (const { labels } of alerts) {
    const said = saidElsewhere(labels);
    for (const name of Object.keys(labels)) if (!said.has(name)) names.add(name);
  }
  return [...names].toSorted((a, b) => deliveryRank(a) - deliveryRank(b));
}
