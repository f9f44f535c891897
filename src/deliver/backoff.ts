// How long to wait after a failure, as numbers only. `random` is in [0, 1) and given, so that every wait can be tested.

const firstMs = 1_000;

/** A message that fails alone waits at most this long; others pass it meanwhile. */
const messageMaxMs = 300_000;

/** A key through which nothing passes is tried again at least this often: an urgent alert must not wait longer for a service that is back. */
const keyMaxMs = 60_000;

/** A key that WeCom refuses is tried this long after the first refusal, doubling up to the second number: at most one request in a minute. */
const firstProbeMs = 60_000;
const probeMaxMs = 600_000;

/** Doubles with every failure; ± 50 % so that bots that failed together do not come back together. */
function exponential(failures: number, maxMs: number, random: number): number {
  const grown = firstMs * 2 ** Math.min(failures, 30);
  return Math.round(Math.min(maxMs, grown) * (0.5 + random));
}

/** @param tries attempts of this message so far, at least 1 */
export function messageBackoffMs(tries: number, random: number): number {
  return exponential(tries - 1, messageMaxMs, random);
}

/**
 * @param failures failures of this key in a row, at least 1
 * @param quickTries how many of them are retried at the first pace: a busy answer (-1) is worth three quick tries, then patience
 */
export function keyBackoffMs(failures: number, quickTries: number, random: number): number {
  return exponential(Math.max(0, failures - Math.max(1, quickTries)), keyMaxMs, random);
}

/** @param failures refusals of this key in a row, at least 1; no jitter, the pace is a promise to WeCom */
export function probeDelayMs(failures: number): number {
  return Math.min(probeMaxMs, firstProbeMs * 2 ** Math.min(failures - 1, 10));
}
