import assert from "node:assert/strict";
import { test } from "node:test";
import { readTime } from "../../../src/normalize/read-time.ts";

const at = Date.UTC(2026, 10, 20, 2, 15, 30);

const cases: readonly { readonly sent: unknown; readonly at: number | null; readonly text?: string }[] = [
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
  { sent: "2026-02-29T00:00:00Z", at: null, text: "" },
  { sent: "2026-13-01T00:00:00Z", at: null, text: "" },
  { sent: "2026-11-20T25:00:00Z", at: null, text: "" },
  { sent: "2026-11-20T02:15:30+99:00", at: null, text: "" },
  { sent: "2026-11-20T02:15:30", at: null, text: "" },
  { sent: "2026-11-20T02:15:30.1234567890Z", at: null, text: "" },
  { sent: "20 Nov 2026", at: null, text: "" },
  { sent: "%s", at: null, text: "" },
  { sent: "", at: null, text: "" },
  { sent: at, at: null, text: "" },
  { sent: null, at: null, text: "" },
];

for (const { sent, at: expected, text } of cases) {
  test(`time ${JSON.stringify(sent)} is ${expected === null ? "none" : new Date(expected).toISOString()}`, () => {
    assert.deepEqual(readTime(sent), { at: expected, text: text ?? sent });
  });
}
