// Which time a graph shows: enough before the alert to see what was normal, and all of the alert.

import type { Alert } from "../../domain/alert.ts";
import type { TimeRange } from "./datasource.ts";

const points = 240;

const shortestMs = 3_600_000;
/** A longer alert is shown from here on. */
const longestMs = 7 * 86_400_000;

/** Of the time of the alert, this part before it, and half of it behind a recovery. */
const before = 0.5;

/**
 * 240 points that end at the last whole step before now, or some time after the recovery. Whole steps: groups that are sent within
 * one step ask the same.
 */
export function graphRange(alerts: readonly Pick<Alert, "status" | "startsAt" | "endsAt">[], now: number): TimeRange {
  const starts = alerts.flatMap(({ startsAt }) => (startsAt === null || startsAt > now ? [] : [startsAt]));
  const firedAt = Math.min(now, ...starts);
  const resolvedAt = resolvedAtOf(alerts);
  const untilAt = resolvedAt === null ? now : Math.min(Math.max(resolvedAt, firedAt), now);
  const firingMs = untilAt - firedAt;
  const endAt = Math.min(now, untilAt + (firingMs * before) / 2 + shortestMs / 6);
  const wantedMs = endAt - firedAt + Math.max(firingMs * before, shortestMs / 4);
  const spanMs = Math.min(Math.max(wantedMs, shortestMs), longestMs);
  const stepMs = Math.ceil(spanMs / (points - 1) / 1_000) * 1_000;
  const lastAt = Math.floor(endAt / stepMs) * stepMs;
  return { startAt: lastAt - (points - 1) * stepMs, endAt: lastAt, stepMs };
}

/** Null while one of them fires, and where no end is known. */
export function resolvedAtOf(alerts: readonly Pick<Alert, "status" | "endsAt">[]): number | null {
  const ends = alerts.flatMap(({ status, endsAt }) => (status === "firing" ? [] : [endsAt]));
  if (ends.length < alerts.length || ends.includes(null)) return null;
  return Math.max(...ends.filter((end) => end !== null));
}
