// Puts the content of a graph together from the answers of a datasource.

import type { Alert } from "../../domain/alert.ts";
import type { Language } from "../../domain/message-kind.ts";
import type { Expression } from "../expression.ts";
import type { GraphContent, GraphSeries } from "../graph-content.ts";
import { graphStrings } from "../svg/graph-strings.ts";
import { unitOf } from "../unit.ts";
import { valueText } from "../value-text.ts";
import { type ChosenSeries, seriesKey, seriesNames } from "./alert-series.ts";
import type { SeriesSample, TimeSeries } from "./answer.ts";
import type { TimeRange } from "./datasource.ts";
import { resolvedAtOf } from "./graph-range.ts";

export interface GraphLook {
  readonly language: Language;
  /** IANA name. */
  readonly timezone: string;
}

export interface GraphAnswers {
  /** Of one rule. */
  readonly alerts: readonly Alert[];
  /** The name of the rule, its whole expression, and the name of the datasource. */
  readonly name: string;
  readonly query: string;
  readonly source: string;
  readonly expression: Expression;
  /** With the samples of an instant query. */
  readonly chosen: ChosenSeries;
  /** The instant query was about the past, since the alerts have no series any more. */
  readonly isGone: boolean;
  readonly range: TimeRange;
  /** Of the range query. */
  readonly series: readonly TimeSeries[];
}

export function graphFrom(answers: GraphAnswers, { language, timezone }: GraphLook): GraphContent {
  const { alerts, expression, chosen, isGone, range } = answers;
  const unit = unitOf(expression.draw);
  const own = chosen.shown.filter(({ isAlert }) => isAlert).map(({ series }) => series.points.at(-1) ?? null);
  const latest = isGone ? [] : chosen.shown.flatMap(({ series }) => series.points.map(([at]) => at));
  const starts = alerts.flatMap(({ startsAt }) => (startsAt === null ? [] : [startsAt]));
  const limits = expression.thresholds.map((threshold) => threshold.value);
  // Of several alerts, the numbers stand beside their names.
  const [only, ...others] = own;
  const value = only === undefined || only === null || others.length > 0 ? null : valueText(only[1], unit, limits);
  return {
    title: answers.name,
    subtitle: answers.query.replaceAll(/\s+/gu, " ").trim(),
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    value: isGone ? goneText(expression, language) : value,
    unit,
    thresholds: expression.thresholds,
    series: drawnSeries(answers),
    omittedSeries: chosen.omitted,
    startAt: range.startAt,
    endAt: Math.max(range.endAt, ...latest),
    firedAt: starts.length === 0 ? null : Math.min(...starts),
    resolvedAt: resolvedAtOf(alerts),
    language,
    timezone,
    source: answers.source,
  };
}

/** Null where the expression takes series away itself: `count(up == 0)` ends where nothing is down any more. */
function goneText({ filtered }: Expression, language: Language): string | null {
  return filtered ? null : graphStrings[language].noData;
}

/** Of the chosen series: the answer may have others with the same labels and another name. */
function drawnSeries({ chosen, series, isGone }: GraphAnswers): readonly GraphSeries[] {
  const byKey = new Map(series.map((one) => [seriesKey(one.labels), one.points]));
  const names = seriesNames(chosen.shown.map((one) => one.series.labels));
  return chosen.shown.map(({ series: instant, isAlert }, n) => {
    const drawn = byKey.get(seriesKey(instant.labels)) ?? [];
    return { name: names[n] ?? "", points: isGone ? drawn : [...drawn, ...laterThan(drawn, instant.points)], isAlert };
  });
}

/** The steps of a range query end up to a step before now. */
function laterThan(drawn: readonly SeriesSample[], points: readonly SeriesSample[]): readonly SeriesSample[] {
  const lastAt = drawn.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
  return points.filter(([at]) => at > lastAt);
}
