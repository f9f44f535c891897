// Divides alerts into as few bodies as a limit allows, by whole alerts: the largest run that fits, then the next.
// Bodies are made by `render`; it is called a number of times per body that grows with the logarithm of its alerts.

import { allEntries, type Level } from "./shorten-text.ts";

export interface Run {
  /** From the first alert to the one before `to`. */
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly total: number;
  /** How far the run's only alert is shortened; null: not at all. */
  readonly level: Level | null;
}

export interface FitOptions {
  readonly count: number;
  readonly maxBytes: number;
  /** Null for a body that is not finished because it has at least `overflowFactor` times `maxBytes`. */
  readonly render: (run: Run) => string | null;
}

/** Thrown when not even one shortened alert fits: the template prints something that does not come from the alerts. */
export class DoesNotFit extends Error {
  readonly code = "does_not_fit";
}

/** Bodies in order, none longer than `maxBytes`. Throws DoesNotFit, and what `render` throws. */
export function fit(options: FitOptions): readonly string[] {
  return fitWithin(options, Number.POSITIVE_INFINITY) ?? [];
}

/** Alerts that are rendered at first, to guess how many fit a body. */
const sampleAlerts = 200;

/** As `fit`; null as soon as more bodies than `maxParts` would be needed. */
export function fitWithin(options: FitOptions, maxParts: number): readonly string[] | null {
  const sample = Math.min(options.count, sampleAlerts);
  const first = attempt(options, { from: 0, to: sample, number: 1, total: 1, level: null });
  if (first.fits && sample === options.count) return [first.body];
  const guess = Math.max(1, Math.floor((sample * options.maxBytes) / first.bytes));
  const runs = cut(options, { guess, maxParts });
  if (runs === null) return null;
  return runs.map((run) => {
    const part = attempt(options, { ...run, total: runs.length });
    if (!part.fits)
      throw new DoesNotFit(`part ${run.number} has ${part.bytes} bytes, the limit is ${options.maxBytes}`);
    return part.body;
  });
}

/** One body: the longest run from the first alert that fits. */
export function fitFirst(options: FitOptions): string {
  const run = (to: number): Run => ({ from: 0, to, number: 1, total: 1, level: null });
  const fits = (to: number) => attempt(options, run(to)).fits;
  const to = largest({ from: 0, count: options.count, guess: 1 }, fits);
  const level = to > 0 ? null : levelFor(options, run(1));
  return attempt(options, { ...run(Math.max(1, to)), level }).body;
}

/**
 * A body with this many times what fits need not be finished. The margin is for markup and blank lines that are removed
 * later.
 */
export const overflowFactor = 16;

interface Attempted {
  readonly body: string;
  readonly bytes: number;
  readonly fits: boolean;
}

function attempt({ render, maxBytes }: FitOptions, run: Run): Attempted {
  const body = render(run);
  if (body === null) return { body: "", bytes: overflowFactor * maxBytes, fits: false };
  const bytes = Buffer.byteLength(body);
  return { body, bytes, fits: bytes <= maxBytes };
}

interface CutOptions {
  readonly guess: number;
  readonly maxParts: number;
}

/**
 * Rendered with the widest number that can occur, so that the true ones fit as well. Null when there are more than
 * `maxParts`.
 */
function cut(options: FitOptions, { guess: firstGuess, maxParts }: CutOptions): readonly Run[] | null {
  const widest = 10 ** String(options.count).length - 1;
  const runs: Run[] = [];
  let guess = firstGuess;
  for (let from = 0; from < options.count; ) {
    if (runs.length === maxParts) return null;
    // Templates may print other things in the first part, so it keeps its number.
    const run = (to: number): Run => ({ from, to, number: from === 0 ? 1 : widest, total: widest, level: null });
    const fits = (to: number) => attempt(options, run(to)).fits;
    // The only alert was tried before.
    const to = options.count === 1 ? from : largest({ from, count: options.count, guess }, fits);
    const level = to > from ? null : levelFor(options, run(from + 1));
    const end = Math.max(to, from + 1);
    runs.push({ ...run(end), number: runs.length + 1, level });
    guess = Math.max(1, to - from);
    from = end;
  }
  return runs;
}

interface Search {
  readonly from: number;
  readonly count: number;
  readonly guess: number;
}

/** The end of the longest run that fits, `from` when none does. Steps away from the guess double, then halve. */
function largest({ from, count, guess }: Search, fits: (to: number) => boolean): number {
  let low = from;
  let high = count + 1;
  let step = 1;
  let probe = Math.min(count, from + guess);
  while (high - low > 1) {
    if (fits(probe)) {
      low = probe;
      probe = Math.min(high - 1, high > count ? probe + step : middle(low, high));
    } else {
      high = probe;
      probe = Math.max(low + 1, low === from ? probe - step : middle(low, high));
    }
    step *= 2;
  }
  return low;
}

function middle(low: number, high: number): number {
  return Math.floor((low + high) / 2);
}

/** A shorter text would not be understood. */
const leastCapBytes = 32;
/** A body cannot hold more labels, at two bytes each. */
const mostEntries = 2048;

/** The weakest level at which the run's only alert fits: texts are cut first, then also labels are left out. */
function levelFor(options: FitOptions, run: Run): Level {
  const within = (range: Range, level: (value: number) => Level): Level | null => {
    const found = greatest(range, options.maxBytes, (value) => attempt(options, { ...run, level: level(value) }).bytes);
    return found === null ? null : level(found);
  };
  const level =
    within({ least: leastCapBytes, most: options.maxBytes }, (capBytes) => ({ capBytes, entries: allEntries })) ??
    within({ least: 0, most: mostEntries }, (entries) => ({ capBytes: leastCapBytes, entries }));
  if (level !== null) return level;
  throw new DoesNotFit(`one alert alone does not fit ${options.maxBytes} bytes, however far it is shortened`);
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * The greatest value whose body has at most `maxBytes`; null when not even that of the least has. A body grows about evenly with the
 * value, so every second try is where it would reach `maxBytes`. The others halve what is left, in case it does not.
 */
function greatest({ least, most }: Range, maxBytes: number, bytesAt: (value: number) => number): number | null {
  let low = { value: least, bytes: bytesAt(least) };
  if (low.bytes > maxBytes) return null;
  let high = most + 1;
  let growth = 1;
  for (let halves = true; high - low.value > 1; halves = !halves) {
    const likely = Math.max(low.value + 1, low.value + Math.floor((maxBytes - low.bytes) / growth));
    const value = halves ? middle(low.value, high) : Math.min(high - 1, likely);
    const bytes = bytesAt(value);
    growth = Math.max(1, bytes - low.bytes) / (value - low.value);
    if (bytes <= maxBytes) low = { value, bytes };
    else high = value;
  }
  return low.value;
}
