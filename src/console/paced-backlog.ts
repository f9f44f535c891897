import type { LaneBacklog } from "../outbox/store.ts";

export type ReadBacklog = () => Promise<readonly LaneBacklog[]>;

/** A count of 100,000 takes 25 ms of the process and is kept for a second; one of a hundred is kept for 1 ms. */
const keptPerMs = 100;

/** Pages and metrics ask for the backlog as often as somebody likes, so they share a count: a new one begins only when the last is old. */
export function pacedBacklog(read: ReadBacklog, now: () => number): ReadBacklog {
  let current: Promise<readonly LaneBacklog[]> | null = null;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (current !== null && now() < until) return current;
    until = Number.POSITIVE_INFINITY;
    const count = read();
    current = count;
    count.then(
      (backlog) => {
        until = now() + backlog.reduce((sum, { notifications }) => sum + notifications, 0) / keptPerMs;
      },
      () => {
        current = null;
      },
    );
    return count;
  };
}
