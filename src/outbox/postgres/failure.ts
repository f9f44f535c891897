// Which failures of PostgreSQL are temporary. They become OutboxAway and are retried; all others are errors of ours.

import { type AwayReason, OutboxAway } from "../errors.ts";

/** Classes and codes of postgresql.org/docs/current/errcodes-appendix.html. */
const temporary = [
  /^08/u, // connection
  /^25006$/u, // read-only: the server became a standby
  /^25P03$/u, // idle in a transaction: we were paused, or our statements did not arrive
  /^40/u, // deadlock, serialization
  /^53/u, // out of disk, memory or connections
  /^55P03$/u, // no lock in time
  /^57/u, // shut down, starting up, cancelled by statement_timeout
  /^58/u, // its disk failed
];

/** An error that the server reports has an SQLSTATE; one without is a broken or silent connection. */
function sqlState(cause: unknown): string | null {
  if (!(cause instanceof Error) || !("code" in cause) || !("severity" in cause)) return null;
  return typeof cause.code === "string" ? cause.code : null;
}

/** True when the connection cannot be used again: it broke, did not answer in time, or the server ends it. */
export function endsConnection(cause: unknown): boolean {
  const state = sqlState(cause);
  return state === null || /^(?:08|25P03$|57P0[1-5]$)/u.test(state);
}

/** The driver's own time-out: the server, which would cancel a statement earlier, did not answer at all. The error has no code. */
export function gaveNoAnswer(cause: unknown): boolean {
  return cause instanceof Error && cause.message === "Query read timeout";
}

/** OutboxAway for a temporary failure, else the cause itself. */
export function asAway(cause: unknown): unknown {
  if (cause instanceof OutboxAway) return cause;
  const state = sqlState(cause);
  return state === null || temporary.some((pattern) => pattern.test(state)) ? away(cause) : cause;
}

/** For a failure that is temporary, and for any failure to connect. */
export function away(cause: unknown): OutboxAway {
  const state = sqlState(cause) ?? "";
  const known = awayReasons.find(([pattern]) => pattern.test(state));
  return new OutboxAway(gaveNoAnswer(cause) ? "noAnswer" : (known?.[1] ?? "unreachable"), cause);
}

const awayReasons: readonly (readonly [RegExp, AwayReason])[] = [
  [/^28/u, "loginRejected"],
  [/^53100$/u, "diskFull"],
  [/^(?:25006$|58)/u, "notWritable"],
  [/^(?:57014$|55P03$|40|25P03$)/u, "noAnswer"],
];
