// The addresses whose requests failed: how long their next answer is delayed, and whether it is logged. Bounded.

export interface AuthFailures {
  record(address: string, now: number): FailurePace;
  /** Whether a request of the address failed within the last minute. */
  failed(address: string, now: number): boolean;
}

export interface FailurePace {
  /** How long to wait before the response. */
  readonly delayMs: number;
  /** Null: do not log. Otherwise how many failures of the address were not logged since the last line. */
  readonly silent: number | null;
}

const maxAddresses = 2_000;
const firstDelayMs = 50;
const maxDelayMs = 1_000;
/** After this long without a failure the back-off of an address starts again. Also the span in which it gets one log line. */
const spanMs = 60_000;
/** Over all addresses in a span, so that many addresses cannot fill the log. */
const maxLines = 60;

interface FailingAddress {
  failures: number;
  failedAt: number;
  loggedAt: number;
  silent: number;
}

/** Beyond `max` addresses, the one whose last failure is the oldest is forgotten. */
export function createAuthFailures(max = maxAddresses): AuthFailures {
  const known = new Map<string, FailingAddress>();
  let spanStartedAt = Number.NEGATIVE_INFINITY;
  let linesInSpan = 0;

  const find = (address: string, now: number): FailingAddress => {
    const unseen = { failures: 0, failedAt: now, loggedAt: Number.NEGATIVE_INFINITY, silent: 0 };
    const found = known.get(address) ?? unseen;
    known.delete(address);
    for (const oldest of known.keys()) {
      if (known.size < max) break;
      known.delete(oldest);
    }
    known.set(address, found);
    return found;
  };

  const mayLog = (now: number): boolean => {
    if (now - spanStartedAt >= spanMs) {
      spanStartedAt = now;
      linesInSpan = 0;
    }
    linesInSpan += 1;
    return linesInSpan <= maxLines;
  };

  return {
    record(address, now) {
      const failing = find(address, now);
      if (now - failing.failedAt >= spanMs) failing.failures = 0;
      failing.failedAt = now;
      const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** failing.failures);
      failing.failures = Math.min(failing.failures + 1, 10);
      if (now - failing.loggedAt < spanMs || !mayLog(now)) {
        failing.silent += 1;
        return { delayMs, silent: null };
      }
      const { silent } = failing;
      failing.loggedAt = now;
      failing.silent = 0;
      return { delayMs, silent };
    },
    failed: (address, now) => now - (known.get(address)?.failedAt ?? Number.NEGATIVE_INFINITY) < spanMs,
  };
}
