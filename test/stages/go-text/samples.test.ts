// Random calls recorded from Go itself (test/fixtures/go-samples.go), and the results of our functions for the same calls.
// The rows of tz hold the tzdata of that day: they fail when the zone data of Node is newer and a country changed its time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createDuration, printDuration } from "../../../src/go-text/duration.ts";
import { escapeHtmlAsGo, escapeJs, escapeQuery, unescapeQuery } from "../../../src/go-text/escapes.ts";
import { toJson } from "../../../src/go-text/json.ts";
import { sprint } from "../../../src/go-text/print.ts";
import { sprintf } from "../../../src/go-text/printf.ts";
import { createPatterns } from "../../../src/go-text/regexp.ts";
import { titleCase, toLower, toUpper, trimSpace } from "../../../src/go-text/strings.ts";
import { formatTime, printTime } from "../../../src/go-text/time-format.ts";
import { parseTime } from "../../../src/go-text/time-parse.ts";
import { createTimestamp, timestampOf } from "../../../src/go-text/timestamp.ts";
import { createZones, fixedZone, UTC } from "../../../src/go-text/zone.ts";
import recorded from "../../fixtures/go-samples.json" with { type: "json" };

const patterns = createPatterns();
const zones = createZones();

type Run = (...args: readonly string[]) => unknown;

const FUNCTIONS: Readonly<Record<string, Run>> = {
  printf: (format = "", ...values) => sprintf(format, values),
  printFloat: (format = "", ...values) => sprintf(format, values),
  print: (...values) => sprint(values),
  title: titleCase,
  toUpper,
  toLower,
  trimSpace,
  html: escapeHtmlAsGo,
  js: escapeJs,
  urlquery: escapeQuery,
  urlUnescape: unescapeQuery,
  toJson,
  match: patterns.isMatch,
  reReplaceAll: patterns.replaceAll,
  date: (ns = "0", offset, layout = "") => formatTime(createTimestamp(BigInt(ns), zoneAt(Number(offset))), layout),
  tz: (name = "", second) => printTime(timestampOf(Number(second) * 1000, zones.load(name))),
  mustToDate: (layout = "", text = "") => printTime(parseTime(layout, text)),
  duration: (ns = "0") => printDuration(createDuration(BigInt(ns))),
} as Readonly<Record<string, Run>>;

function zoneAt(offset: number) {
  return offset === 0 ? UTC : fixedZone("", offset);
}

for (const [name, run] of Object.entries(FUNCTIONS)) {
  const samples = recorded.samples.filter((sample) => sample.function === name);
  test(`${name} gives Go's results for ${samples.length} recorded calls`, () => {
    assert.ok(samples.length > 0);
    for (const sample of samples) {
      const args = sample.arguments as readonly string[]; // numbers and booleans too: the functions take any value

      const result = outcome(() => run(...args));

      assert.equal(result, sample.output, JSON.stringify(sample.arguments));
    }
  });
}

function outcome(run: () => unknown): string {
  try {
    return String(run());
  } catch {
    return "ERR";
  }
}
