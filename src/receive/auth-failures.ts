// Addresses whose requests were refused for their credentials: how long to keep each waiting, and when to say so in the log.
// Bounded: beyond it the address that failed longest ago is forgotten.

export interface Refused {
  /** Before the answer is given. */
  readonly delayMs: number;
  /** Null: stay silent. Otherwise how many refusals were kept silent since the last line. */
  readonly silent: number | null;
}

export interface AuthFailures {
  refused(address: string, now: number): Refused;
}

const maxAddresses = 2_000;
const firstDelayMs = 50;
const maxDelayMs = 1_000;
/** Without a failure for so long, an address starts anew; and the span in which it gets one line of the log. */
const spanMs = 60_000;
/** Over all addresses in a span, so that many of them can not fill the log either. */
const maxLines = 60;

interface FailingAddress {
  failures: number;
  failedAt: number;
  loggedAt: number;
  silent: number;
}

export function createAuthFailures(max = maxAddresses): AuthFailures {
  const known = new Map<string, FailingAddress>();
  const lines = { sinceAt: Number.NEGATIVE_INFINITY, count: 0 };

  const recall = (address: string, now: number): FailingAddress => {
    const seen = known.get(address);
    known.delete(address);
    for (const oldest of known.keys()) {
      if (known.size < max) break;
      known.delete(oldest);
    }
    const fresh = { failures: 0, failedAt: now, loggedAt: Number.NEGATIVE_INFINITY, silent: 0 };
    const stranger = seen ?? fresh;
    if (now - stranger.failedAt >= spanMs) stranger.failures = 0;
    known.set(address, stranger);
    return stranger;
  };

  const mayLog = (now: number): boolean => {
    if (now - lines.sinceAt >= spanMs) Object.assign(lines, { sinceAt: now, count: 0 });
    lines.count += 1;
    return lines.count <= maxLines;
  };

  return {
    refused(address, now) {
      const stranger = recall(address, now);
      stranger.failedAt = now;
      const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** stranger.failures);
      stranger.failures = Math.min(stranger.failures + 1, 10);
      if (now - stranger.loggedAt < spanMs || !mayLog(now)) {
        stranger.silent += 1;
        return { delayMs, silent: null };
      }
      const { silent } = stranger;
      Object.assign(stranger, { loggedAt: now, silent: 0 });
      return { delayMs, silent };
    },
  };
}
