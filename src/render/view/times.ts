// Times as messages show them: the time of day, with the date where it is not today's.

import { type Alert, timeFlagsOf } from "../../domain/alert.ts";
import type { Delivery } from "../../domain/notification.ts";
import type { RenderSettings } from "../settings.ts";
import { type Strings, stringsFor } from "./strings.ts";

export type ShortClock = (at: number) => string;

/** `14:02`, `11-29 14:02` on another day, `2025-11-29 14:02` in another year. */
export function shortClockOf(timezone: string, now: number): ShortClock {
  const full = clockOf(timezone);
  const today = full(now);
  return (at) => {
    const text = full(at).slice(0, "2006-01-02 15:04".length);
    if (text.slice(0, 10) === today.slice(0, 10)) return text.slice(11);
    return text.slice(0, 4) === today.slice(0, 4) ? text.slice(5) : text;
  };
}

/** The two largest units: `1 小时 30 分`, `1h 30m`. Below a second it is 0 seconds. */
export function humanSpan(spanMs: number, strings: Strings): string {
  const seconds = Math.max(0, Math.floor(spanMs / 1000));
  const counts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const first = counts.findIndex((count) => count > 0);
  const shown = counts.map((count, index) => (count > 0 ? `${count}${strings.units[index]}` : ""));
  const units = shown.slice(first, first + 2).filter((text) => text !== "");
  return first === -1 ? `0${strings.units[3]}` : units.join(" ");
}

/** Without seconds from a minute on. */
export function shortSpan(spanMs: number, strings: Strings): string {
  return humanSpan(spanMs < 60_000 ? spanMs : Math.floor(spanMs / 60_000) * 60_000, strings);
}

/** `16~18 分`; the longer one where both read the same, and where their units differ. */
export function spanRange(least: number, most: number, strings: Strings): string {
  const [short, long] = [shortSpan(least, strings), shortSpan(most, strings)];
  const unitOf = (text: string) => text.replace(/^\d+/, "");
  return short === long || unitOf(short) !== unitOf(long) ? long : `${Number.parseInt(short, 10)}~${long}`;
}

/** Its times may be in the wrong zone, or the wrong way round: then nobody knows how long it lasted. */
export function hasSpan(alert: Alert): boolean {
  return !timeFlagsOf(alert).some((flag) => flag === "ahead" || flag === "reversed");
}

export interface MessageClock {
  readonly now: number;
  readonly strings: Strings;
  readonly short: ShortClock;
}

/** Starts that differ by more are shown one by one. */
const rangeMaxMs = 600_000;

/** When alerts that fire began, in one text for all; null where they began too far apart, or it is not known. */
export function sinceText(alerts: readonly Alert[], { now, strings, short }: MessageClock): string | null {
  const starts = alerts.map(({ startsAt }) => startsAt).filter((at) => at !== null);
  if (starts.length < alerts.length || starts.length === 0) return null;
  const first = starts.reduce((a, b) => Math.min(a, b));
  const last = starts.reduce((a, b) => Math.max(a, b));
  if (last - first > rangeMaxMs) return null;
  if (!alerts.every(hasSpan)) return alerts.length === 1 ? strings.from(short(first)) : null;
  const times = [...new Set([short(first), short(last)])].join("–");
  return strings.since(times, spanRange(now - last, now - first, strings));
}

/** When alerts that are over began and ended, if that is the same for all. */
export function overText(alerts: readonly Alert[], { strings, short }: MessageClock): string | null {
  const texts = new Set(alerts.map((alert) => lifeText(alert, { strings, short })));
  return texts.size === 1 ? ([...texts][0] ?? null) : null;
}

export function lifeText(alert: Alert, { strings, short }: Omit<MessageClock, "now">): string {
  const { startsAt, endsAt } = alert;
  if (endsAt === null) return startsAt === null ? "" : strings.from(short(startsAt));
  if (startsAt === null) return strings.until(short(endsAt));
  const [start, end] = [short(startsAt), short(endsAt)];
  const day = /^.* /.exec(start)?.[0] ?? "";
  const times = `${start} – ${end.startsWith(day) ? end.slice(day.length) : end}`;
  return hasSpan(alert) ? strings.lasted(times, shortSpan(endsAt - startsAt, strings)) : times;
}

/**
 * Instants as `2006-01-02 15:04:05` in the zone; UTC when the zone is unknown: a message must not fail on it. Alerts of a
 * group mostly began together, so each instant is formatted once.
 */
export function clockOf(timezone: string): (at: number) => string {
  const format = clockFormats.get(timezone) ?? formatIn(timezone) ?? formatIn("UTC");
  if (format !== null) clockFormats.set(timezone, format);
  const texts = new Map<number, string>();
  return (at) => {
    const known = texts.get(at);
    if (known !== undefined) return known;
    const text = format === null || !Number.isFinite(at) || Math.abs(at) > 8.64e15 ? "" : format.format(at);
    texts.set(at, text);
    return text;
  };
}

/**
 * By zone. Making a format takes as long as using it a hundred times, and a digest needs one for each of its groups.
 */
const clockFormats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat | null {
  try {
    // Dates in Swedish are written as in ISO 8601.
    return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  } catch {
    return null;
  }
}

/** An urgent delivery that waited so long says so. It is an ordinary one in all else. */
const urgentWaitMs = 120_000;

/** How long it waited; empty for a delivery that came in time. */
export function lateText(delivery: Delivery, { now, timezone, language }: RenderSettings): string {
  const waitedMs = now - delivery.acceptedAt;
  const isUrgent = delivery.kind === "digest" ? delivery.urgent : delivery.routed.destination.urgent;
  if (!delivery.late && !(isUrgent && waitedMs >= urgentWaitMs)) return "";
  const strings = stringsFor(language);
  return strings.late(humanSpan(waitedMs, strings), clockOf(timezone)(delivery.acceptedAt));
}
