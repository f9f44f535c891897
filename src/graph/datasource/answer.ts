// Reads answers of Prometheus's HTTP API (prometheus.io/docs/prometheus/latest/querying/api). Neither their shape nor their number of
// series is trusted.

import type { LabelSet } from "../../domain/alert.ts";

/** Epoch ms and a value, which may be NaN or infinite. */
export type SeriesSample = readonly [at: number, value: number];

export interface TimeSeries {
  readonly labels: LabelSet;
  /** In the order of time; one of an instant query. */
  readonly points: readonly SeriesSample[];
}

/** More than a person can look at, and 14 ms to parse. */
export const maxSeries = 20_000;

/** All series together. A graph asks for 240 samples of each of a few series, so a larger answer is wrong. */
const maxSamples = 50_000;

export interface SeriesSet {
  readonly series: readonly TimeSeries[];
  /** Some of the stores did not answer, so series may be missing. */
  readonly isPartial: boolean;
}

export type SeriesAnswer =
  | { readonly kind: "series"; readonly set: SeriesSet }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "unreadable" };

/** Texts wait while this many series are read, which takes some ms. */
const seriesOfStep = 1_000;

/** Reads an answer of `/api/v1/query` or `/api/v1/query_range`. It yields after each step, so that other work can run. */
export function* readSeries(text: string): Generator<void, SeriesAnswer> {
  const answer = answerOf(text);
  const series = answer === null ? null : yield* seriesIn(objectOf(answer.data));
  if (answer === null || series === null) return unreadable;
  if (series === "tooLarge") return { kind: "tooLarge" };
  return { kind: "series", set: { series, isPartial: isPartial(answer) } };
}

const unreadable = { kind: "unreadable" } as const;

/** Thanos warns (thanos.io, Partial Response), VictoriaMetrics has a field of its own. */
function isPartial({ warnings, isPartial: isMarked }: Readonly<Record<string, unknown>>): boolean {
  return isMarked === true || (Array.isArray(warnings) && warnings.length > 0);
}

function* seriesIn(
  data: Readonly<Record<string, unknown>> | null,
): Generator<void, readonly TimeSeries[] | "tooLarge" | null> {
  const result = data?.result;
  if (data?.resultType === "scalar") {
    const sample = readSample(result);
    return sample === null ? null : [{ labels: {}, points: [sample] }];
  }
  if (!Array.isArray(result) || (data?.resultType !== "vector" && data?.resultType !== "matrix")) return null;
  if (result.length > maxSeries) return "tooLarge";
  if (result.reduce((sum: number, one: unknown) => sum + samplesIn(one), 0) > maxSamples) return "tooLarge";
  const series: TimeSeries[] = [];
  for (const [n, given] of result.entries()) {
    if (n % seriesOfStep === seriesOfStep - 1) yield;
    const one = readOne(given);
    if (one === null) return null;
    series.push(one);
  }
  return series;
}

function samplesIn(given: unknown): number {
  const values = objectOf(given)?.values;
  return Array.isArray(values) ? values.length : 1;
}

/** Called for up to 20,000 series, so it makes no temporary arrays. */
function readOne(given: unknown): TimeSeries | null {
  const { metric, value, values } = objectOf(given) ?? {};
  const labels = readLabels(metric);
  if (labels === null) return null;
  // Native histograms have `histogram` in place of `value`, and no number to show.
  const written: readonly unknown[] = Array.isArray(values) ? values : value === undefined ? [] : [value];
  const points: SeriesSample[] = [];
  for (const one of written) {
    const sample = readSample(one);
    if (sample === null) return null;
    points.push(sample);
  }
  return { labels, points };
}

/** Of the year 9999. Dates end some time later, in every time zone. */
const lastSecond = 253_402_300_799;

function readSample(given: unknown): SeriesSample | null {
  if (!Array.isArray(given)) return null;
  const [seconds, text]: readonly unknown[] = given;
  const value = numberOf(text);
  if (typeof seconds !== "number" || Math.abs(seconds) > lastSecond || value === null) return null;
  return [Math.round(seconds * 1000), value];
}

function numberOf(text: unknown): number | null {
  if (typeof text !== "string") return null;
  if (text === "NaN") return Number.NaN;
  if (/^[+-]?Inf$/u.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? null : value;
}

/** An alerting rule of a datasource. */
export interface AlertingRule {
  readonly name: string;
  readonly query: string;
  /** As the rule adds them: a value may be a template. */
  readonly labels: LabelSet;
  /** vmalert's id of its group; null from others. */
  readonly groupId: string | null;
}

export type RulesAnswer =
  | { readonly kind: "rules"; readonly rules: readonly AlertingRule[] }
  | { readonly kind: "unreadable" };

/** Of `/api/v1/rules`. Recording rules, and what is not readable as a rule, are left out. */
export function readRules(text: string): RulesAnswer {
  const groups = objectOf(answerOf(text)?.data)?.groups;
  if (groups === null) return { kind: "rules", rules: [] };
  if (!Array.isArray(groups)) return unreadable;
  const rules = groups.flatMap((group: unknown) => {
    const { rules: written, id } = objectOf(group) ?? {};
    return Array.isArray(written) ? written.flatMap((rule: unknown) => readRule(rule, id) ?? []) : [];
  });
  return { kind: "rules", rules };
}

function readRule(given: unknown, groupId: unknown): AlertingRule | null {
  const { type, name, query, labels } = objectOf(given) ?? {};
  if (type !== "alerting" || typeof name !== "string" || typeof query !== "string") return null;
  return { name, query, labels: readLabels(labels ?? {}) ?? {}, groupId: typeof groupId === "string" ? groupId : null };
}

/** Null unless it is the answer of a query that succeeded. */
function answerOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const answer = objectOf(JSON.parse(text));
    return answer?.status === "success" ? answer : null;
  } catch {
    return null;
  }
}

function readLabels(given: unknown): LabelSet | null {
  const labels = objectOf(given);
  for (const name in labels) if (typeof labels[name] !== "string") return null;
  return labels as LabelSet | null;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Readonly<Record<string, unknown>>;
}
