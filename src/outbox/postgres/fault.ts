// Which failures of PostgreSQL pass by themselves. Those are answered with patience (OutboxAway); all others are mistakes of ours.

import { OutboxAway } from "../errors.ts";

/** Classes and codes of postgresql.org/docs/current/errcodes-appendix.html. */
const passing = [
  /^08/u, // connection
  /^25006$/u, // read-only: the server we reach became a standby
  /^25P03$/u, // idle in a transaction: we were paused, or nothing of ours came through
  /^40/u, // deadlock, serialization
  /^53/u, // out of disk, memory or connections
  /^55P03$/u, // a lock was not to be had in time
  /^57/u, // shut down, starting up, cancelled by statement_timeout
  /^58/u, // its disk fails
];

/** A server's own answer has an SQLSTATE; what has none is a broken or silent connection. */
function sqlState(cause: unknown): string | null {
  if (!(cause instanceof Error) || !("code" in cause) || !("severity" in cause)) return null;
  return typeof cause.code === "string" ? cause.code : null;
}

/** True when the connection is of no use any more: it broke, gave no answer in time, or the server ends it. */
export function endsConnection(cause: unknown): boolean {
  const state = sqlState(cause);
  return state === null || /^(?:08|25P03$|57P0[1-5]$)/u.test(state);
}

/** The driver's own time-out: the server, which cancels a statement earlier, was not heard at all. It has no code to go by. */
export function gaveNoAnswer(cause: unknown): boolean {
  return cause instanceof Error && cause.message === "Query read timeout";
}

/** What the callers see: OutboxAway for what passes, the cause itself for the rest. */
export function asAway(cause: unknown): unknown {
  if (cause instanceof OutboxAway) return cause;
  const state = sqlState(cause);
  return state === null || passing.some((pattern) => pattern.test(state)) ? new OutboxAway(cause) : cause;
}
