// Which series a graph shows: those of its alerts, then their neighbours, so that a reader sees whether only this one moves.

import type { LabelSet } from "../../domain/alert.ts";
import type { Threshold } from "../expression.ts";
import type { TimeSeries } from "./answer.ts";

/** As many colours as can be distinguished on a phone. */
const maxShown = 6;

const maxOwn = 5;

/** Finds the series of an alert by its labels. */
export type FindSeries = (alertLabels: LabelSet) => readonly TimeSeries[];

/**
 * An alert has all labels of its series, and those that its rule and its server add; the name of a metric is no label of it. Most of
 * 20,000 series have a value that no alert has: only the others get a key.
 * @param alerts labels of all alerts that will be looked up
 */
export function indexSeries(series: readonly TimeSeries[], alerts: readonly LabelSet[]): FindSeries {
  const ofAlerts = valuesByName(alerts);
  const byNames = new Map<
    string,
    { readonly names: readonly string[]; readonly byValues: Map<string, TimeSeries[]> }
  >();
  for (const one of series) {
    if (!couldBeOwn(one.labels, ofAlerts)) continue;
    const names = seriesLabelNames(one.labels).toSorted();
    const key = JSON.stringify(names);
    const entry = byNames.get(key) ?? { names, byValues: new Map<string, TimeSeries[]>() };
    byNames.set(key, entry);
    const values = valuesKey(one.labels, names);
    const same = entry.byValues.get(values);
    if (same === undefined) entry.byValues.set(values, [one]);
    else same.push(one);
  }
  return (alertLabels) =>
    [...byNames.values()].flatMap(({ names, byValues }) => byValues.get(valuesKey(alertLabels, names)) ?? []);
}

function valuesByName(alerts: readonly LabelSet[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const labels of alerts) {
    for (const [name, value] of Object.entries(labels)) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return values;
}

function couldBeOwn(labels: LabelSet, ofAlerts: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  for (const name of Object.keys(labels)) {
    const value = labels[name] ?? "";
    if (name !== "__name__" && value !== "" && ofAlerts.get(name)?.has(value) !== true) return false;
  }
  return true;
}

function valuesKey(labels: LabelSet, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labelValue(labels, name)));
}

export interface ChosenSeries {
  /** Own ones first. */
  readonly shown: readonly { readonly series: TimeSeries; readonly isAlert: boolean }[];
  readonly omitted: number;
}

interface Sought {
  /** Labels of each alert. */
  readonly alerts: readonly LabelSet[];
  readonly thresholds: readonly Threshold[];
}

/** From the answer of an instant query. The neighbours are those nearest to firing. */
export function chooseSeries(series: readonly TimeSeries[], { alerts, thresholds }: Sought): ChosenSeries {
  const own = new Set(alerts.flatMap(indexSeries(series, alerts)));
  const others = own.size === 0 ? [] : series.filter((one) => !own.has(one));
  const shownOwn = nearest(own, maxOwn, thresholds);
  const neighbours = nearest(others, maxShown - shownOwn.length, thresholds);
  const shown = [
    ...shownOwn.map((one) => ({ series: one, isAlert: true })),
    ...neighbours.map((one) => ({ series: one, isAlert: false })),
  ];
  return { shown, omitted: series.length - shown.length };
}

/** With `x < 10` the lowest, else the highest; equal ones in the order of the answer. */
function nearest(series: Iterable<TimeSeries>, count: number, thresholds: readonly Threshold[]): readonly TimeSeries[] {
  const isBelow = thresholds.length > 0 && thresholds.every(({ op }) => below.has(op));
  const best: { readonly one: TimeSeries; readonly rank: number }[] = [];
  for (const one of series) {
    const rank = rankOf(one, isBelow);
    if (best.length === count && rank <= (best.at(-1)?.rank ?? 0)) continue;
    const place = best.findIndex((other) => other.rank < rank);
    best.splice(place === -1 ? best.length : place, 0, { one, rank });
    if (best.length > count) best.pop();
  }
  return best.map(({ one }) => one);
}

function rankOf({ points }: TimeSeries, isBelow: boolean): number {
  const value = points.at(-1)?.[1] ?? Number.NaN;
  if (Number.isNaN(value)) return Number.NEGATIVE_INFINITY;
  return isBelow ? -value : value;
}

const below: ReadonlySet<Threshold["op"]> = new Set(["<", "<="]);

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same for the same labels, the name of the metric included. */
export function seriesKey(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => compare(a, b)));
}

/** Without that of the metric. */
export function seriesLabelNames(labels: LabelSet): readonly string[] {
  return Object.keys(labels).filter((name) => name !== "__name__" && labels[name] !== "");
}

/** Names that distinguish the series: the values of the labels in which they differ; all values of a single one. */
export function seriesNames(all: readonly LabelSet[]): readonly string[] {
  const names = [...new Set(all.flatMap(seriesLabelNames))].toSorted(compare);
  const differing = names.filter((name) => new Set(all.map((labels) => labelValue(labels, name))).size > 1);
  const shown = differing.length > 0 ? differing : names;
  return all.map((labels) => {
    const values = shown.map((name) => labelValue(labels, name)).filter((value) => value !== "");
    return values.join(" ") || labelValue(labels, "__name__");
  });
}

function labelValue(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}
