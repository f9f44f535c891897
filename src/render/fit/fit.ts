// Tells alerts in as few parts as a limit allows, by whole alerts: the largest run that fits, then the next. Knows nothing of
// templates: `draw` makes a body of a run, `measure` weighs it. The number of drawings per part grows with the logarithm of
// its alerts.

export interface Run {
  /** From the first alert to the one before `to`. */
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly total: number;
  /** null: as it is; else how far the run's only alert is shrunk. */
  readonly level: LevelStep | null;
}

/** A ladder of ever stronger shrinking: texts first, then also the number of labels. */
export interface LevelStep {
  readonly capBytes: number;
  readonly entries: number;
}

export interface FitOptions {
  readonly count: number;
  readonly maxBytes: number;
  /** Null for a body that has much more than `maxBytes`: so much more that it was not worth finishing. */
  readonly draw: (run: Run) => string | null;
}

/** Thrown when not even one shrunk alert fits: the template shows something that does not come from the alerts. */
export class DoesNotFit extends Error {
  readonly code = "does_not_fit";
}

/** Bodies in order; none is longer than `maxBytes`, none is empty. Throws DoesNotFit, and whatever `draw` throws. */
export function fit(options: FitOptions): readonly string[] {
  return fitSampled(options, { sample: options.count, maxParts: Number.POSITIVE_INFINITY }) ?? [];
}

/** Alerts that are drawn at first, to guess how many fit a part. */
const sampleAlerts = 200;

/** As `fit`; null when more bodies than `maxParts` would be needed. Draws no further than it takes to know that. */
export function fitWithin(options: FitOptions, maxParts: number): readonly string[] | null {
  return fitSampled(options, { sample: Math.min(options.count, sampleAlerts), maxParts });
}

/** One body: the longest run from the first alert that fits. */
export function fitFirst(options: FitOptions): string {
  const run = (to: number): Run => ({ from: 0, to, number: 1, total: 1, level: null });
  const fits = (to: number) => draft(options, run(to)).fits;
  const to = largest({ from: 0, count: options.count, guess: 1 }, fits);
  const level = to > 0 ? null : levelFor(options, run(1));
  return draft(options, { ...run(Math.max(1, to)), level }).body;
}

interface Sampling {
  readonly sample: number;
  readonly maxParts: number;
}

function fitSampled(options: FitOptions, { sample, maxParts }: Sampling): readonly string[] | null {
  const first = draft(options, { from: 0, to: sample, number: 1, total: 1, level: null });
  if (first.fits && sample === options.count) return [first.body];
  const guess = Math.max(1, Math.floor((sample * options.maxBytes) / first.bytes));
  const runs = cut(options, { guess, maxParts });
  if (runs === null) return null;
  return runs.map((run) => {
    const part = draft(options, { ...run, total: runs.length });
    if (!part.fits)
      throw new DoesNotFit(`part ${run.number} has ${part.bytes} bytes, the limit is ${options.maxBytes}`);
    return part.body;
  });
}

/** A body that is not finished has this many times what fits: markup and blank lines that go in the end are allowed for. */
export const muchMore = 16;

interface Draft {
  readonly body: string;
  readonly bytes: number;
  readonly fits: boolean;
}

function draft({ draw, maxBytes }: FitOptions, run: Run): Draft {
  const body = draw(run);
  if (body === null) return { body: "", bytes: muchMore * maxBytes, fits: false };
  const bytes = Buffer.byteLength(body);
  return { body, bytes, fits: bytes <= maxBytes };
}

interface Cutting {
  readonly guess: number;
  readonly maxParts: number;
}

/** Drawn with the widest number that can come, so that the true ones fit as well. Null when there are more than `maxParts`. */
function cut(options: FitOptions, cutting: Cutting): readonly Run[] | null {
  const widest = 10 ** String(options.count).length - 1;
  const runs: Run[] = [];
  let { guess } = cutting;
  for (let from = 0; from < options.count; ) {
    if (runs.length === cutting.maxParts) return null;
    const first = from === 0;
    const fits = (to: number) => draft(options, { from, to, ...numbers(first, widest), level: null }).fits;
    const to = largest({ from, count: options.count, guess }, fits);
    const run = { from, to: Math.max(to, from + 1), ...numbers(first, widest), level: null };
    const level = to > from ? null : levelFor(options, run);
    runs.push({ ...run, number: runs.length + 1, level });
    guess = Math.max(1, to - from);
    from = run.to;
  }
  return runs;
}

/** Templates tell the first part from the others, so it is drawn as the first. */
function numbers(first: boolean, widest: number) {
  return { number: first ? 1 : widest, total: widest };
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

/** Below it a text says nothing any more. */
const leastCapBytes = 32;
const allEntries = Number.MAX_SAFE_INTEGER;
/** More labels than this can not stand in a body, at two bytes each. */
const mostEntries = 2048;

/** The weakest level at which the run's only alert fits. */
function levelFor(options: FitOptions, run: Run): LevelStep {
  const fits = (level: LevelStep) => draft(options, { ...run, level }).fits;
  const capBytes = greatest(leastCapBytes, options.maxBytes, (cap) => fits({ capBytes: cap, entries: allEntries }));
  if (capBytes !== null) return { capBytes, entries: allEntries };
  const entries = greatest(0, mostEntries, (most) => fits({ capBytes: leastCapBytes, entries: most }));
  if (entries !== null) return { capBytes: leastCapBytes, entries };
  throw new DoesNotFit(`one alert alone does not fit ${options.maxBytes} bytes, however far it is shortened`);
}

function greatest(least: number, most: number, fits: (value: number) => boolean): number | null {
  if (!fits(least)) return null;
  let low = least;
  let high = most + 1;
  while (high - low > 1) {
    const probe = middle(low, high);
    if (fits(probe)) low = probe;
    else high = probe;
  }
  return low;
}
