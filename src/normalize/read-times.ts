// The times of alerts. Besides RFC 3339, which Alertmanager and Grafana send, the plain formats that scripts and other systems send.

import type { AlertmanagerOf } from "../domain/alertmanager-of.ts";
import { asText } from "./read-fields.ts";

/** The offset from UTC that a time zone has at an instant: `+08:00`, or `Z`. NaN is no instant, and any offset will do. */
export type OffsetAt = (at: number) => string;

/** What the alerts of a body are read with. */
export interface BodyContext {
  /** Of the zone in which times without a zone are read. */
  readonly offsetAt: OffsetAt;
  readonly receivedAt: number;
  /** As `AlertGroup` has it. */
  readonly lossyBody: string | null;
  readonly alertmanagerOf: AlertmanagerOf;
}

/** @param timezone an IANA name or an offset, as the config checks it */
export function offsetsOf(timezone: string): OffsetAt {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  return (at) => /GMT([+-]\d\d:\d\d)/.exec(Number.isNaN(at) ? "" : format.format(at))?.[1] ?? "Z";
}

export interface ReadTime {
  /** Epoch ms, truncated; null for no time, an unreadable one, or one not after 1970 (the zero time of Go and Unix). */
  readonly at: number | null;
  /**
   * RFC 3339, as sent where the sender sent that, zero times included, for templates that test for them; empty when there is no
   * time or an unreadable one.
   */
  readonly text: string;
  /** What could not be read, as sent (`%s` has been seen); null when everything was. */
  readonly unread: string | null;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|[+-]\d\d:\d\d)$/;

const noTime: ReadTime = { at: null, text: "", unread: null };

/** RFC 3339 with up to nine digits of a second, as Go writes it; else one of the plain formats. */
export function readTime(value: unknown, offsetAt: OffsetAt): ReadTime {
  const sent = asText(value)?.trim() ?? "";
  if (sent === "") return noTime;

  const plainly = () => fromEpoch(sent) ?? fromPlain(sent, offsetAt) ?? "";
  return readRfc3339(sent) ?? readRfc3339(plainly()) ?? { ...noTime, unread: sent };
}

function readRfc3339(sent: string): ReadTime | null {
  const [text, date, time, offset] = rfc3339.exec(sent) ?? [];
  if (text === undefined || date === undefined || !isCalendarDate(date)) return null;

  const at = Date.parse(`${date}T${time}${offset?.toUpperCase()}`);
  return Number.isNaN(at) ? null : { at: at > 0 ? at : null, text, unread: null };
}

/** Date.parse reads 30 February as 2 March. Every month has a 28th. */
function isCalendarDate(date: string): boolean {
  if (Number(date.slice(-2)) <= 28) return true;
  const at = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}

/** Ten digits are seconds from 2001 to 2286, three more are milliseconds, and so on; 14 digits would be a date. */
const epoch = /^\d{10}(\d{3}|\d{6}|\d{9})?(?:\.\d+)?$/;

/** As RFC 3339, with milliseconds; the zero time for 0 and less. Null for what is no epoch time. */
function fromEpoch(sent: string): string | null {
  if (/^(?:0+|-\d+)$/.test(sent)) return "1970-01-01T00:00:00Z";
  const [match, more = ""] = epoch.exec(sent) ?? [];
  return match === undefined ? null : new Date((Number(sent) * 1000) / 10 ** more.length).toISOString();
}

/**
 * The date with dashes, slashes or dots, the clock with or without seconds, any offset or none; behind the offset the name of the
 * zone, as Go prints a time. A zone that has only a name is not read: there are several of most names.
 */
const plain = new RegExp(
  [
    /^(?<year>\d{4})([-/.])(?<month>\d\d?)\2(?<day>\d\d?)(?:[Tt]| +)/,
    /(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)? ?/,
    /(?:(?<utc>[Zz]|UTC|GMT)|(?<hours>[+-]\d\d)(?::?(?<minutes>\d\d))?(?: [A-Z]{3,5})?)?(?: m=\S+)?$/,
  ]
    .map(({ source }) => source)
    .join(""),
);

/** As RFC 3339; null for another format. */
function fromPlain(sent: string, offsetAt: OffsetAt): string | null {
  const read = plain.exec(sent)?.groups;
  if (read === undefined) return null;

  const { year, month = "", day = "", hour = "", minute, second = "00", fraction, utc, hours, minutes = "00" } = read;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const civil = `${date}T${hour.padStart(2, "0")}:${minute}:${second}${fraction === undefined ? "" : `.${fraction}`}`;
  if (hours !== undefined) return `${civil}${hours}:${minutes}`;
  return civil + (utc === undefined ? offsetOf(civil, offsetAt) : "Z");
}

/** The first guess, with the clock taken as UTC, may be on the other side of a change to summer time. */
function offsetOf(civil: string, offsetAt: OffsetAt): string {
  const guess = offsetAt(Date.parse(`${civil}Z`));
  return offsetAt(Date.parse(civil + guess));
}
