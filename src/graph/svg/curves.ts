// The series of a graph as pieces without gaps.

import type { GraphContent, GraphSeries } from "../graph-content.ts";
import { isDrawable } from "./value-axis.ts";

export type Point = readonly [at: number, value: number];

export interface Curve {
  readonly name: string;
  readonly isAlert: boolean;
  /** Each with at least one point; all in the period of the graph and drawable. */
  readonly pieces: readonly (readonly Point[])[];
  /** The last sample, also if it is no number; null where the series has none at the end of the graph. */
  readonly last: number | null;
}

/** As many as can be distinguished on a phone. */
const mostCurves = 6;

/** The interval varies when a sample comes late; two intervals without one are a gap. */
const gapIntervals = 1.6;
const staleIntervals = 2.5;

/** Those of alerts first. */
export function curvesOf({ series, startAt, endAt }: GraphContent): readonly Curve[] {
  const chosen = [...series.filter(({ isAlert }) => isAlert), ...series.filter(({ isAlert }) => !isAlert)];
  const inPeriod = chosen.slice(0, mostCurves).map((one) => ({ ...one, points: pointsWithin(one, startAt, endAt) }));
  const interval = usualInterval(inPeriod);
  return inPeriod.map(({ name, isAlert, points }) => {
    const final = points.at(-1);
    const last = final === undefined || endAt - final[0] > interval * staleIntervals ? null : final[1];
    return { name, isAlert, pieces: piecesOf(points, interval * gapIntervals), last };
  });
}

function pointsWithin({ points }: GraphSeries, startAt: number, endAt: number): readonly Point[] {
  return points.filter(([at]) => at >= startAt && at <= endAt);
}

/** The median; infinite when no series has two points. */
function usualInterval(series: readonly GraphSeries[]): number {
  const intervals = series.flatMap(({ points }) => points.slice(1).map(([at], n) => at - (points[n]?.[0] ?? at)));
  const ordered = intervals.filter((interval) => interval > 0).toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function piecesOf(points: readonly Point[], longestMs: number): readonly (readonly Point[])[] {
  const pieces: Point[][] = [];
  let piece: Point[] = [];
  for (const point of points) {
    const previous = piece.at(-1);
    if (!isDrawable(point[1])) piece = [];
    else if (previous !== undefined && point[0] - previous[0] <= longestMs) piece.push(point);
    else {
      piece = [point];
      pieces.push(piece);
    }
  }
  return pieces;
}
