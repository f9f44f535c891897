import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseTimestamp } from "../../../src/go-text/timestamp.ts";
import { offsetsOf, readTime } from "../../../src/normalize/read-times.ts";
import { alertOf, context, groupFrom } from "./fixture.ts";

const shanghai = offsetsOf("Asia/Shanghai");
const at = Date.UTC(2026, 10, 20, 2, 15, 30);

/** `text` where it is not as sent. */
interface Row {
  readonly sent: unknown;
  readonly at: number | null;
  readonly text?: string;
}

const rfc3339: readonly Row[] = [
  { sent: "2026-11-20T02:15:30Z", at },
  { sent: "2026-11-20t02:15:30z", at },
  { sent: "2026-11-20 10:15:30+08:00", at },
  { sent: "2026-11-19T20:45:30-05:30", at },
  { sent: "2026-11-20T02:15:30.9Z", at: at + 900 },
  { sent: "2026-11-20T02:15:30.123999999Z", at: at + 123 },
  { sent: "0001-01-01T00:00:00Z", at: null },
  { sent: "0001-01-01T08:05:43+08:05", at: null },
  { sent: "1970-01-01T00:00:00Z", at: null },
  { sent: "1970-01-01T08:00:00+08:00", at: null },
  { sent: "9999-12-31T23:59:59Z", at: Date.UTC(9999, 11, 31, 23, 59, 59) },
  { sent: "2028-02-29T00:00:00Z", at: Date.UTC(2028, 1, 29) },
];

const local = "2026-11-20T10:15:30+08:00";
const ms = "2026-11-20T02:15:30.000Z";

const plain: readonly Row[] = [
  { sent: "2026-11-20T10:15:30", at, text: local },
  { sent: "2026-11-20 10:15:30", at, text: local },
  { sent: "2026-11-20 10:15", at: at - 30_000, text: "2026-11-20T10:15:00+08:00" },
  { sent: "2026-11-20 10:15:30.250", at: at + 250, text: "2026-11-20T10:15:30.250+08:00" },
  { sent: "2026-11-20 10:15:30,250", at: at + 250, text: "2026-11-20T10:15:30.250+08:00" },
  { sent: " 2026-11-20  10:15:30\n", at, text: local },
  { sent: "2026/11/20 10:15:30", at, text: local },
  { sent: "2026.11.20 10:15:30", at, text: local },
  { sent: "2026/1/2 3:04:05", at: Date.UTC(2026, 0, 1, 19, 4, 5), text: "2026-01-02T03:04:05+08:00" },
  { sent: "2026-11-20T10:15:30+0800", at, text: local },
  { sent: "2026-11-20T10:15:30+08", at, text: local },
  { sent: "2026-11-20 10:15:30 +0800", at, text: local },
  { sent: "2026-11-20 10:15:30 +0800 CST", at, text: local },
  { sent: "2026-11-20 10:15:30.5 +0800 CST m=+3600.25", at: at + 500, text: "2026-11-20T10:15:30.5+08:00" },
  { sent: "2026-11-20 02:15:30 +0000 UTC", at, text: "2026-11-20T02:15:30+00:00" },
  { sent: "2026-11-20 02:15:30 UTC", at, text: "2026-11-20T02:15:30Z" },
  { sent: at / 1000, at, text: ms },
  { sent: `${at / 1000}`, at, text: ms },
  { sent: at / 1000 + 0.25, at: at + 250, text: "2026-11-20T02:15:30.250Z" },
  { sent: at, at, text: ms },
  { sent: `${at}`, at, text: ms },
  { sent: at * 1000, at, text: ms },
  { sent: `${at}000000`, at, text: ms },
];

const noTimes: readonly Row[] = [
  ...[null, undefined, "", "  "].map((sent) => ({ sent, at: null, text: "" })),
  ...[0, "0", -62_135_596_800].map((sent) => ({ sent, at: null, text: "1970-01-01T00:00:00Z" })),
  { sent: "0001-01-01 00:00:00", at: null, text: "0001-01-01T00:00:00+08:05" },
  { sent: "0001-01-01 00:00:00 +0000 UTC", at: null, text: "0001-01-01T00:00:00+00:00" },
];

describe("readTime", () => {
  for (const { sent, at: expected, text } of [...rfc3339, ...plain, ...noTimes]) {
    it(`${JSON.stringify(sent)} is ${expected === null ? "none" : new Date(expected).toISOString()}`, () => {
      const read = readTime(sent, shanghai);

      assert.deepEqual(read, { at: expected, text: text ?? sent, unread: null });
      if (expected !== null) assert.equal(Number(parseTimestamp(read.text).ns / 1_000_000n), expected);
    });
  }

  const unreadable: readonly unknown[] = [
    "2026-02-29T00:00:00Z",
    "2026-02-29 00:00:00",
    "2026-13-01T00:00:00Z",
    "2026-11-20T25:00:00Z",
    "2026-11-20 25:00:00",
    "2026-11-20T02:15:30+99:00",
    "2026-11-20T02:15:30.1234567890Z",
    "2026-11/20 10:15:30",
    // There are several zones of this name.
    "2026-11-20 10:15:30 CST",
    "20261120101530",
    "20 Nov 2026",
    "11/20/2026 10:15:30",
    "%s",
    7,
    true,
    { seconds: 5 },
  ];

  for (const sent of unreadable) {
    it(`${JSON.stringify(sent)} is unread`, () => {
      const unread = typeof sent === "object" ? JSON.stringify(sent) : String(sent);

      assert.deepEqual(readTime(sent, shanghai), { at: null, text: "", unread });
    });
  }

  it("a time without a zone is read in the configured one, also around a change to summer time", () => {
    const berlin = offsetsOf("Europe/Berlin");

    const read = ["2026-03-29 01:30:00", "2026-03-29 03:30:00", "2026-10-25 01:30:00", "2026-10-25 03:30:00"].map(
      (sent) => readTime(sent, berlin).text.slice(-6),
    );

    assert.deepEqual(read, ["+01:00", "+02:00", "+02:00", "+01:00"]);
    assert.equal(readTime("2026-11-20 02:15:30", offsetsOf("UTC")).at, at);
    assert.equal(readTime("2026-11-20 10:15:30", offsetsOf("+05:30")).text, "2026-11-20T10:15:30+05:30");
  });

  it("whatever is read, its text is that time for templates", () => {
    const two = (number: number) => String(number).padStart(2, "0");
    const instant = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000));
    const written = (date: Date) => {
      const [year, month, day] = [date.getUTCFullYear(), two(date.getUTCMonth() + 1), two(date.getUTCDate())];
      const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
      return [
        `${year}-${month}-${day} ${time}`,
        `${year}/${month}/${day} ${time} +0000`,
        date.getTime(),
        date.getTime() / 1000,
      ];
    };

    fc.assert(
      fc.property(instant, (date) => {
        for (const sent of [date.toISOString(), ...written(date)]) {
          const read = readTime(sent, offsetsOf("UTC"));

          assert.equal(read.at, date.getTime());
          assert.equal(Number(parseTimestamp(read.text).ns / 1_000_000n), date.getTime());
        }
      }),
    );
  });
});

describe("the times of an alert", () => {
  const of = (alert: object) => alertOf(groupFrom({ alerts: [alert] }));
  const minute = 60_000;
  const after = (span: number) => new Date(context.receivedAt + span).toISOString();

  it("what was not read is kept as it was sent; the end only of a resolved alert", () => {
    assert.deepEqual(of({ startsAt: "yesterday", endsAt: "never" }).unreadTimes, ["yesterday"]);
    assert.deepEqual(of({ status: "resolved", startsAt: "yesterday", endsAt: "now" }).unreadTimes, [
      "yesterday",
      "now",
    ]);
    assert.deepEqual(of({ startsAt: "2026-11-30 11:00:00", endsAt: "" }).unreadTimes, []);
  });

  const flagged: readonly (readonly [string, object, boolean])[] = [
    ["a start five minutes ahead of the clock", { startsAt: after(5 * minute) }, false],
    ["a start further ahead", { startsAt: after(5 * minute + 1) }, true],
    ["local time that is sent as UTC", { startsAt: "2026-11-30T11:55:00Z" }, true],
    ["the end of a firing alert in the future", { startsAt: after(-minute), endsAt: after(60 * minute) }, false],
    ["the end of a resolved one", { status: "resolved", startsAt: after(-minute), endsAt: after(60 * minute) }, true],
    ["no time", {}, false],
  ];

  for (const [what, alert, timesAhead] of flagged) {
    it(`${what} is ${timesAhead ? "" : "not "}ahead`, () => assert.equal(of(alert).timesAhead, timesAhead));
  }
});
