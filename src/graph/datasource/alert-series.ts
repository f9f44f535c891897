// Which series a graph shows: those of its alerts, then their neighbours, so that a reader sees whether only this one moves.

import type { LabelSet } from "../../domain/alert.ts";
import type { Threshold } from "../expression.ts";
import type { TimeSeries } from "./answer.ts";

/** As many colours as can be told apart on a phone. */
const maxShown = 6;

const maxOwn = 5;

/** Finds the series of an alert by its labels. */
export type FindSeries = (alertLabels: LabelSet) => readonly TimeSeries[];

/**
 * An alert has all labels of its series, and those that its rule and its server add; the name of a metric is no label of it. Series
 * of an expression mostly have the same label names, so a look-up takes as long for 20,000 series as for one.
 */
export function indexSeries(series: readonly TimeSeries[]): FindSeries {
  const byNames = new Map<
    string,
    { readonly names: readonly string[]; readonly byValues: Map<string, TimeSeries[]> }
  >();
  for (const one of series) {
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
  const own = new Set(alerts.flatMap(indexSeries(series)));
  const others = own.size === 0 ? [] : series.filter((one) => !own.has(one));
  const shownOwn = nearest([...own], maxOwn, thresholds);
  const neighbours = nearest(others, maxShown - shownOwn.length, thresholds);
  const shown = [
    ...shownOwn.map((one) => ({ series: one, isAlert: true })),
    ...neighbours.map((one) => ({ series: one, isAlert: false })),
  ];
  return { shown, omitted: series.length - shown.length };
}

/** With `x < 10` the lowest, else the highest. Equal ones in the order of their labels: the same answer, the same graph. */
function nearest(
  series: readonly TimeSeries[],
  count: number,
  thresholds: readonly Threshold[],
): readonly TimeSeries[] {
  const isBelow = thresholds.length > 0 && thresholds.every(({ op }) => below.has(op));
  const ranked = series.map((one) => ({ one, rank: rankOf(one, isBelow) })).toSorted((a, b) => compare(b.rank, a.rank));
  const last = ranked[count - 1]?.rank ?? Number.NEGATIVE_INFINITY;
  // The text of the labels is made only where it decides.
  const first = ranked.filter(({ rank }) => rank >= last).map((one) => ({ ...one, key: seriesKey(one.one.labels) }));
  const ordered = first.toSorted((a, b) => compare(b.rank, a.rank) || compare(a.key, b.key));
  return ordered.slice(0, count).map(({ one }) => one);
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

/** Names of series as a reader tells them apart: the values of the labels in which they differ; all values of a single one. */
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
