// Properties that hold for all values.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDuration, humanizeDuration, parseDuration, printDuration } from "../../../src/go-text/duration.ts";
import { decodeBase64, encodeBase64, escapeQuery, unescapeQuery } from "../../../src/go-text/escapes.ts";
import { toJson } from "../../../src/go-text/json.ts";
import { formatExponent, formatFixed } from "../../../src/go-text/number.ts";
import { goText } from "../../../src/go-text/print.ts";
import { sprintf } from "../../../src/go-text/printf.ts";
import { createPatterns } from "../../../src/go-text/regexp.ts";
import { compareText, toLower, toUpper, truncateBytes, utf8Length } from "../../../src/go-text/strings.ts";
import { pairNames, toSortedPairs } from "../../../src/go-text/template-values.ts";
import { timeText } from "../../../src/go-text/time-format.ts";
import { parseTime } from "../../../src/go-text/time-parse.ts";
import { createTimestamp, parseTimestamp } from "../../../src/go-text/timestamp.ts";
import { fixedZone, UTC } from "../../../src/go-text/zone.ts";
import { createEnvironment, type RenderContext } from "../../../src/render/template/environment.ts";

const CONTEXT: RenderContext = { now: 0, timezone: "UTC", language: "en" };

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
const labels = fc.dictionary(
  fc.oneof(text, fc.constantFrom("alertname", "__proto__", "constructor", "toString", "title")),
  text,
);
/** Years 0000 to 9999, the range of RFC 3339. */
const instant = fc.bigInt({ min: -62_167_219_200_000_000_000n, max: 253_402_300_799_999_999_999n });
const value = fc.anything({
  withNullPrototype: true,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withTypedArray: true,
});

function render(template: string, view: object): string {
  const source = { name: "t", path: "t.hbs", text: template, language: null };
  const compiled = createEnvironment().compile(source, (shown) => `‹${shown.replace(/[‹›]/g, "")}›`);
  return compiled.kind === "compiled"
    ? compiled.template.render(view, CONTEXT)
    : assert.fail(compiled.issues[0]?.message);
}

test("text is ordered as its UTF-8 bytes are", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareText(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("pairs have every label once: alertname first, the others in byte order", () => {
  fc.assert(
    fc.property(labels, (map) => {
      const names = pairNames(map);

      const others = names.filter((name) => name !== "alertname");
      assert.deepEqual([...names].sort(), Object.keys(map).sort());
      assert.deepEqual(others, [...others].sort(compareText));
      assert.equal(names.indexOf("alertname") <= 0, true);
      assert.deepEqual(
        toSortedPairs(map).map((pair) => pair.value),
        names.map((name) => map[name]),
      );
    }),
  );
});

test("goText and the output of a template never throw", () => {
  fc.assert(
    fc.property(
      value,
      (any) => typeof goText(any) === "string" && typeof render("{{x}}{{{x}}}", { x: any }) === "string",
    ),
  );
});

test("two braces are always escaped, three never", () => {
  fc.assert(
    fc.property(text, labels, (a, map) => {
      const bare = (shown: string) => `‹${shown.replace(/[‹›]/g, "")}›`;
      const inside = "{{#with m}}{{#each this}}{{this}}{{/each}}{{/with}}";

      assert.equal(render("{{a}}{{{a}}}{{& a}}{{print a}}{{{print a}}}", { a }), bare(a) + a + a + bare(a) + a);
      assert.equal(render("{{m}}{{{m}}}", { m: map }), bare(goText(map)) + goText(map));
      assert.equal(
        render(inside, { m: map }),
        Object.keys(map)
          .sort(compareText)
          .map((key) => bare(map[key] ?? ""))
          .join(""),
      );
    }),
  );
});

test("index and lookup find a label of any name", () => {
  fc.assert(
    fc.property(labels, text, (map, name) => {
      const expected = Object.hasOwn(map, name) ? map[name] : "";

      assert.equal(render("{{{index m n}}}{{{lookup m n}}}", { m: map, n: name }), `${expected}${expected}`);
    }),
  );
});

test("humanizeDuration prints a number and its text alike", () => {
  fc.assert(fc.property(fc.double(), (seconds) => humanizeDuration(seconds) === humanizeDuration(goText(seconds))));
});

test("printf never throws, whatever the format and the values", () => {
  const format = fc
    .array(
      fc.oneof(text, fc.constantFrom("%", "-", "0", "#", "5", ".", "*", "[1]", "s", "d", "v", "q", "x", "e", "g", "T")),
    )
    .map((parts) => parts.join(""));

  fc.assert(
    fc.property(format, fc.array(value), (pattern, values) => typeof sprintf(pattern, values) === "string"),
    { examples: [["%*d", [{ toString: 1, valueOf: 1 }]]] },
  );
});

test("%f and %e print the number that they were given", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      assert.equal(Number(formatExponent(number, 16)), number);
      assert.equal(Number(formatExponent(number, null)), number);
      assert.ok(Math.abs(number) > 1e15 || Math.abs(Number(formatFixed(number, 3)) - number) <= 0.0005001);
    }),
  );
});

test("a time that is printed and read keeps its nanoseconds and its offset", () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (ns, minutes) => {
      fc.pre(ns > -62_100_000_000_000_000_000n && ns < 253_402_000_000_000_000_000n); // an offset may not leave the years
      const written = timeText(createTimestamp(ns, minutes === 0 ? UTC : fixedZone("", minutes * 60)));

      assert.equal(parseTimestamp(written).ns, ns);
      assert.equal(timeText(parseTimestamp(written)), written);
      assert.equal(parseTime("2006-01-02T15:04:05.999999999Z07:00", written).ns, ns);
    }),
  );
});

test("a duration that is printed and read is the same", () => {
  const ns = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

  fc.assert(fc.property(ns, (size) => parseDuration(printDuration(createDuration(size))).ns === size));
});

test("changing case keeps the number of code points", () => {
  fc.assert(
    fc.property(
      text,
      (any) =>
        Array.from(toUpper(any)).length === Array.from(any).length &&
        Array.from(toLower(any)).length === Array.from(any).length,
    ),
  );
});

test("truncate keeps within its bytes, cuts only the end, and leaves short text alone", () => {
  fc.assert(
    fc.property(text, fc.nat(40), (any, bytes) => {
      const cut = truncateBytes(any, bytes);

      assert.ok(utf8Length(cut) <= bytes);
      assert.ok(any.startsWith(cut.replace(/…$/, "")) || any.startsWith(cut));
      assert.equal(cut === any, utf8Length(any) <= bytes);
    }),
  );
});

test("decoding reverses encoding", () => {
  fc.assert(
    fc.property(text, (any) => decodeBase64(encodeBase64(any)) === any && unescapeQuery(escapeQuery(any)) === any),
  );
});

test("JSON parses back to the same, and has no <, > or &", () => {
  fc.assert(
    fc.property(labels, (map) => {
      const json = toJson(map);

      assert.doesNotMatch(json, /[<>&\u2028\u2029]/);
      assert.deepEqual(Object.entries(JSON.parse(json)).sort(), Object.entries(map).sort());
    }),
  );
});

test("replacing a literal equals split and join", () => {
  const patterns = createPatterns();
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "😀", "中") });

  fc.assert(fc.property(letters, (any) => patterns.replaceAll("😀", "-", any) === any.split("😀").join("-")));
});
