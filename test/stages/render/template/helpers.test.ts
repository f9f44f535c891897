// Helpers that the recorded expressions do not cover: our own, the times, and what each rejects.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Duration, isDuration, printDuration } from "../../../../src/go-text/duration.ts";
import { goText } from "../../../../src/go-text/print.ts";
import { mapOf, wire } from "../../../../src/go-text/template-values.ts";
import { parseTimestamp } from "../../../../src/go-text/timestamp.ts";
import { createHelpers, type HelperScope } from "../../../../src/render/template/helpers.ts";
import { createRotation } from "../../../../src/route/on-call.ts";

const HELPERS = createHelpers(
  new Map([
    [
      "dba",
      createRotation({
        people: ["张三", "李四"],
        timezone: "Asia/Shanghai",
        firstTurnAt: Date.UTC(2026, 10, 22, 18),
        turnMs: 3_600_000,
        overrides: [],
      }),
    ],
  ]),
);
const SCOPE: HelperScope = {
  now: Date.parse("2026-11-22T10:00:00.5Z"),
  timezone: "Asia/Shanghai",
  root: { routeLabels: { team: "db" } },
};

function call(name: string, ...args: readonly unknown[]): unknown {
  return HELPERS.get(name)?.call(args, SCOPE);
}

const TIME = parseTimestamp("2026-11-22T16:00:00.123456789+08:00");
const ZERO = parseTimestamp("0001-01-01T00:00:00Z");
const HOUR = call("sub", parseTimestamp("2026-01-01T01:00:00Z"), parseTimestamp("2026-01-01T00:00:00Z")) as Duration;
const ALERT = {
  status: "firing",
  summary: "ours",
  [wire]: () => ({ status: "firing", labels: { b: "2", alertname: "A" }, startsAt: ZERO }),
};

type Case = readonly [name: string, args: readonly unknown[], shown: string];

const SHOWN: readonly Case[] = [
  ["oncall", ["dba"], "张三"],
  ["oncall", ["web"], ""],
  ["oncall", [undefined], ""],
  ["default", ["", "x"], "x"],
  ["default", [undefined, "x"], "x"],
  ["default", [0, "x"], "x"],
  ["default", [{}, "x"], "x"],
  ["default", ["a", "x"], "a"],
  ["default", [TIME, "x"], "2026-11-22 16:00:00.123456789 +0800 +0800"],
  ["truncate", ["磁盘空间", 12], "磁盘空间"],
  ["truncate", ["磁盘空间", 11], "磁盘…"],
  ["truncate", ["磁盘空间", 3], "…"],
  ["truncate", ["磁盘", 2], ""],
  ["truncate", ["ab😀cd", 8], "ab😀cd"],
  ["truncate", ["ab😀cde", 8], "ab…"],
  ["and", [1, "", "x"], ""],
  ["and", [undefined, "x"], ""],
  ["and", [1, "x"], "x"],
  ["or", ["", undefined, 0], "0"],
  ["or", [{}, [], "x", "y"], "x"],
  ["not", [[]], "true"],
  ["eq", [undefined, ""], "true"],
  ["eq", ["a", "b", "a"], "true"],
  ["eq", [TIME, parseTimestamp("2026-11-22T08:00:00.123456789Z")], "true"],
  ["gt", [HOUR, 60_000_000_000], "true"],
  ["lt", ["\uffff", "\u{10000}"], "true"],
  ["lt", [ZERO, TIME], "true"],
  ["len", [undefined], "0"],
  ["len", [{ a: 1 }], "1"],
  ["index", [{ a: [{ b: "x" }] }, "a", 0, "b"], "x"],
  ["index", ["中", 0], "228"],
  ["index", [undefined, "a"], ""],
  ["index", [{ "7": "x" }, 7], "x"],
  ["slice", [["a", "b", "c"], 1], "[b c]"],
  ["slice", [undefined, 0, 0], ""],
  ["firing", [[{ status: "firing", x: 1 }, { status: "resolved" }]], "[status=firing, x=1]"],
  ["resolved", [undefined], "[]"],
  ["sortedPairs", [undefined], ""],
  ["remove", [call("sortedPairs", { a: "1", b: "2" }), ["a"]], "b=2"],
  ["names", [call("remove", call("sortedPairs", { a: "1", b: "2" }), ["a"])], "[b]"],
  ["toJson", [call("sortedPairs", { a: "1" })], '[{"Name":"a","Value":"1"}]'],
  [
    "toJson",
    [[TIME, HOUR, null, undefined, 1.5]],
    '["2026-11-22T16:00:00.123456789+08:00",3600000000000,null,null,1.5]',
  ],
  ["toJson", [ALERT], '{"status":"firing","labels":{"alertname":"A","b":"2"},"startsAt":"0001-01-01T00:00:00Z"}'],
  ["print", [ALERT], "{firing alertname=A, b=2 0001-01-01 00:00:00 +0000 UTC}"],
  ["routeLabels", ["team"], "db"],
  ["routeLabels", ["__proto__"], ""],
  ["now", [], "2026-11-22 18:00:00.5 +0800 CST"],
  ["since", [TIME], "2h0m0.376543211s"],
  ["since", [ZERO], "2562047h47m16.854775807s"],
  ["tz", ["Local", TIME], "2026-11-22 16:00:00.123456789 +0800 CST"],
  ["tz", ["Asia/Dubai", TIME], "2026-11-22 12:00:00.123456789 +0400 +04"],
  ["utc", [TIME], "2026-11-22 08:00:00.123456789 +0000 UTC"],
  ["add", [TIME, HOUR], "2026-11-22 17:00:00.123456789 +0800 +0800"],
  ["add", [TIME, "-1h30m"], "2026-11-22 14:30:00.123456789 +0800 +0800"],
  ["toDate", ["2006-01-02", "2026-02-03"], "2026-02-03 00:00:00 +0000 UTC"],
  ["toDate", ["2006-01-02", "2026-02-30"], "0001-01-01 00:00:00 +0000 UTC"],
  ["base64encode", ["中文?>"], "5Lit5paHPz4="],
  ["base64encode", ["\u{3ffff}"], "8L-_vw=="],
  ["base64decode", ["8L-_vw=="], "\u{3ffff}"],
  ["printf", ["%s %d", TIME, HOUR], "2026-11-22 16:00:00.123456789 +0800 +0800 3600000000000"],
  ["printf", ["%[2]s %[1]s", "a", "b"], "b a"],
  ["printf", ["%*d", 5], "%!*(int=5)d"],
  ["printf", ["%U %c %q", 65, 66, 67], "%!U(int=65) %!c(int=66) %!q(int=67)"],
  ["printf", ["%.99999999999g|%.99999999999d", 0.5, 1.5], "0.5|%!d(float64=1.5)"],
  ["printf", ["%[3]s", "a"], "%!s(BADINDEX)"],
  ["printf", ["%s", { a: 1 }], "a=1"],
  ["printf", ["%q", ["a", "b"]], '["a" "b"]'],
  ["printf", ["%"], "%!(NOVERB)"],
  ["humanizeDuration", [HOUR], "1h 0m 0s"],
  ["humanizeDuration", ["+Inf"], "+Inf"],
  ["toUpper", [undefined], ""],
  ["join", ["/", undefined], ""],
];

for (const [name, args, shown] of SHOWN) {
  test(`${name} ${args.map((arg) => JSON.stringify(goText(arg))).join(" ")} is ${JSON.stringify(shown)}`, () => {
    assert.equal(goText(call(name, ...args)), shown);
  });
}

const REFUSED: readonly (readonly [name: string, args: readonly unknown[]])[] = [
  ["eq", [1, "1"]],
  ["eq", [{}, {}]],
  ["lt", [true, false]],
  ["index", [["a"], 1]],
  ["index", [["a"], "x"]],
  ["index", [1, 0]],
  ["slice", ["abc", 2, 1]],
  ["slice", ["abc", 0, 4]],
  ["slice", [{ a: 1 }, 0]],
  ["len", [1]],
  ["join", [",", "text"]],
  ["sortedPairs", ["text"]],
  ["dict", [1, 2]],
  ["truncate", ["a", "5"]],
  ["toJson", [Number.NaN]],
  ["date", ["2006", "2026-11-22T16:00:00Z"]],
  ["date", ["2006", undefined]],
  ["tz", ["+08:00", TIME]],
  ["add", [TIME, "soon"]],
  ["mustToDate", ["2006-01-02", "yesterday"]],
  ["base64decode", ["a"]],
  ["base64decode", ["ab+/"]],
  ["humanizeDuration", [{}]],
];

for (const [name, args] of REFUSED) {
  test(`${name} rejects ${args.map((arg) => JSON.stringify(goText(arg))).join(" ")}`, () => {
    assert.throws(() => call(name, ...args), Error);
  });
}

test("remove keeps every other name, __proto__ too, and changes nothing in place", () => {
  const labels = JSON.parse('{"__proto__":"p","a":"1"}');

  assert.deepEqual(call("remove", labels, ["a"]), mapOf([["__proto__", "p"]]));
  assert.deepEqual(Object.keys(labels), ["__proto__", "a"]);
});

test("text that is no time is the zero time", () => {
  for (const text of ["", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22", "now"]) {
    assert.equal(call("isZero", parseTimestamp(text)), true, text);
  }
});

test("a duration is read as it is printed", () => {
  for (const text of ["0s", "1ns", "1.5µs", "2ms", "1m0s", "1h30m4.876543211s", "-3s", "2562047h47m16.854775807s"]) {
    const later = call("add", ZERO, text);

    const between = call("sub", later, ZERO);

    assert.equal(isDuration(between) && printDuration(between), text);
  }
});

test("trimSpace is done in linear time", () => {
  const spaces = " ".repeat(200_000);

  assert.equal(call("trimSpace", `${spaces}a${spaces}b`), `a${spaces}b`);
});

test("oncall follows the shifts, in both directions", () => {
  const hours = [18, 19, 20, 19, 18];

  const shown = hours.map((hour) => {
    const now = Date.parse(`2026-11-22T${hour}:30:00+08:00`);
    return HELPERS.get("oncall")?.call(["dba"], { ...SCOPE, now });
  });

  assert.deepEqual(shown, ["张三", "李四", "张三", "李四", "张三"]);
});
