// Go's time.Time: an instant with nanoseconds, and the zone in which it is shown.
import { createDuration, type Duration } from "./duration.ts";
import { isOfKind, valueKind } from "./template-values.ts";
import { fixedZone, UTC, type Zone } from "./zone.ts";

export interface Timestamp {
  readonly [valueKind]: "timestamp";
  /** Since the epoch. */
  readonly ns: bigint;
  readonly zone: Zone;
}

const NS_PER_SECOND = 1_000_000_000n;

export function createTimestamp(ns: bigint, zone: Zone): Timestamp {
  return { [valueKind]: "timestamp", ns, zone };
}

export function isTimestamp(value: unknown): value is Timestamp {
  return isOfKind(value, "timestamp");
}

/** 0001-01-01T00:00:00Z, which Alertmanager sends for an unknown time. */
export const ZERO_TIME: Timestamp = createTimestamp(-62_135_596_800n * NS_PER_SECOND, UTC);

export function isZero(time: Timestamp): boolean {
  return time.ns === ZERO_TIME.ns;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339, with a T or a space, and keeps its offset and nanoseconds. Other text is the zero time, like a time that was not sent. */
export function parseTimestamp(text: string): Timestamp {
  const [match, year, month, day, hour, minute, second, fraction = "", , sign, offsetHours, offsetMinutes] =
    text.match(RFC3339) ?? [];
  if (match === undefined) return ZERO_TIME;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const clock = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  const civil = { ...date, ...clock, nanosecond: Number(fraction.slice(0, 9).padEnd(9, "0")) };
  if (!isCivil(civil)) return ZERO_TIME;
  const size = Number(offsetHours ?? 0) * 3600 + Number(offsetMinutes ?? 0) * 60;
  const offset = sign === "-" ? -size : size;
  return fromCivil(civil, offset === 0 ? UTC : fixedZone("", offset));
}

export function timestampOf(epochMs: number, zone: Zone): Timestamp {
  return createTimestamp(BigInt(Math.trunc(epochMs)) * 1_000_000n, zone);
}

/** A date and a time of day; month and day count from 1. */
interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

function isCivil(civil: Civil): boolean {
  const { year, month, day, hour, minute, second } = civil;
  const isClock = hour < 24 && minute < 60 && second < 60;
  return isClock && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

export function daysIn(year: number, month: number): number {
  return new Date(utcMs(year, month + 1, 0)).getUTCDate();
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999; this does not. */
function utcMs(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** The instant at which clocks in the zone show `civil`. */
export function fromCivil(civil: Civil, zone: Zone): Timestamp {
  const seconds =
    utcMs(civil.year, civil.month, civil.day) / 1000 + civil.hour * 3600 + civil.minute * 60 + civil.second;
  const offset = zone.offsetAt(seconds - zone.offsetAt(seconds));
  return createTimestamp(BigInt(seconds - offset) * NS_PER_SECOND + BigInt(civil.nanosecond), zone);
}

/** Whole epoch seconds, rounded down. */
export function unixSeconds(time: Timestamp): number {
  const remainder = time.ns % NS_PER_SECOND;
  return Number((time.ns - remainder) / NS_PER_SECOND) - (remainder < 0n ? 1 : 0);
}

export interface ShownTime extends Civil {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Counts from 1. */
  readonly yearDay: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

/** What clocks and calendars show in the time's zone. */
export function toCivil(time: Timestamp): ShownTime {
  const epochSecond = unixSeconds(time);
  const offset = time.zone.offsetAt(epochSecond);
  const date = new Date((epochSecond + offset) * 1000);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return {
    year,
    month,
    day,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(time.ns - BigInt(epochSecond) * NS_PER_SECOND),
    weekday: date.getUTCDay(),
    yearDay: (utcMs(year, month, day) - utcMs(year, 1, 1)) / 86_400_000 + 1,
    offset,
    abbreviation: time.zone.abbreviationAt(epochSecond),
  };
}

export function inZone(time: Timestamp, zone: Zone): Timestamp {
  return createTimestamp(time.ns, zone);
}

export function addDuration(time: Timestamp, duration: Duration): Timestamp {
  return createTimestamp(time.ns + duration.ns, time.zone);
}

export function timeBetween(from: Timestamp, to: Timestamp): Duration {
  return createDuration(to.ns - from.ns);
}
