// The vertical axis: which values it shows, and where its lines are.

import type { Unit } from "../unit.ts";

export interface ValueAxis {
  readonly low: number;
  readonly high: number;
  /** Between low and high, in order. */
  readonly ticks: readonly number[];
  /** All values are 0 or 1: states, which do not change gradually. */
  readonly isBinary: boolean;
}

/** A larger value has no place in a picture: it is a gap, as infinity is. */
const largestDrawn = 1e300;

export function isDrawable(value: number): boolean {
  return Math.abs(value) <= largestDrawn;
}

/** `values` with the thresholds; those that cannot be drawn do not count. */
export function valueAxisOf(values: readonly number[], unit: Unit, mostTicks: number): ValueAxis {
  const drawn = values.filter(isDrawable);
  if (drawn.length > 0 && drawn.every((value) => value === 0 || value === 1)) return binaryAxis;
  const [low, high] = widened(rangeOf(drawn), unit);
  const step = stepOf((high - low) / mostTicks, scaleOf(Math.max(Math.abs(low), Math.abs(high)), unit));
  const first = Math.floor(low / step + epsilon);
  const last = Math.ceil(high / step - epsilon);
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
  return { low: ticks[0] ?? low, high: ticks.at(-1) ?? high, ticks, isBinary: false };
}

/** Lines at 0 and 1 are not at the edges. */
const binaryAxis: ValueAxis = { low: -0.15, high: 1.15, ticks: [0, 1], isBinary: true };

const epsilon = 1e-9;

function rangeOf(values: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** From zero, where that does not flatten the curves; and with room around them. */
function widened([least, most]: readonly [number, number], unit: Unit): readonly [number, number] {
  const size = Math.max(Math.abs(least), Math.abs(most));
  const isConstant = most - least <= size * 1e-6 || size < 1e-290;
  const half = isConstant ? (size < 1e-290 ? 1 : size / 2) : 0;
  let [low, high] = [least - half, most + half];
  const height = high - low;
  if (low > 0 && low < height * 0.6) low = 0;
  if (high < 0 && -high < height * 0.6) high = 0;
  if (least >= 0 && low < 0) low = 0;
  const room = height * 0.04;
  const isWhole = unit === "ratio" ? most <= 1 && most > 0.8 : unit === "percent" && most <= 100 && most > 80;
  const top = unit === "ratio" ? 1 : 100;
  return [low === 0 ? 0 : low - room, isWhole ? top : high === 0 ? 0 : high + room];
}

/** What a tick is a round multiple of. */
interface Scale {
  readonly unit: number;
  readonly steps: "decimal" | "durations";
}

function scaleOf(size: number, unit: Unit): Scale {
  if (unit === "ratio") return { unit: 0.01, steps: "decimal" };
  if (unit === "seconds" && size >= 60) return { unit: 1, steps: "durations" };
  const isBytes = unit === "bytes" || unit === "bytes_per_second";
  const power = isBytes && size >= 1 ? Math.floor(Math.log2(size) / 10) : 0;
  return { unit: 1024 ** power, steps: "decimal" };
}

const day = 86_400;
const durationSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, day];

/** The next round number from `least` on. */
function stepOf(least: number, { unit, steps }: Scale): number {
  if (steps === "decimal") return roundStep(least / unit) * unit;
  return durationSteps.find((step) => step >= least) ?? roundStep(least / day) * day;
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 2.5, 5].find((factor) => factor * power >= least * (1 - epsilon)) ?? 10) * power;
}
