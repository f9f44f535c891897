// Pictures of `samples.ts` are kept beside this file; `npm run golden` refreshes them.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { GraphContent, GraphSeries } from "../../../../src/graph/graph-content.ts";
import { drawSvg } from "../../../../src/graph/svg/draw-svg.ts";
import { binary, english, firing, hostile, odd, resolved, seriesOf, sixSeries } from "./samples.ts";
import { assertWellFormed, numbersIn, textsOf } from "./svg-reader.ts";

const folder = join(import.meta.dirname, "kept");
const kept = { firing, resolved, english, "six-series": sixSeries, binary, hostile, gone: odd.gone ?? firing };

/** An element on each line. */
const inLines = (svg: string) => `${svg.replaceAll("><", ">\n<")}\n`;

describe("the picture of a graph", () => {
  for (const [name, content] of Object.entries(kept)) {
    it(`is the kept one: ${name}`, () => {
      const path = join(folder, `${name}.svg`);
      const drawn = inLines(drawSvg(content));
      if (process.env.UPDATE_GOLDEN === "1") {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, drawn);
      }

      assert.equal(drawn, readFileSync(path, "utf8"));
    });
  }

  it("shows title, value, status, threshold, times, names, values, zone and source", () => {
    const texts = textsOf(drawSvg(resolved));

    for (const text of [
      "磁盘使用率过高",
      "65%",
      "已恢复",
      "阈值 > 90%",
      "触发 13:56",
      "恢复 14:21",
      "支付网关",
      "68.91%",
    ]) {
      assert.ok(texts.includes(text), text);
    }
    assert.equal(texts.at(-1), "2026-11-30 13:30 – 14:30 · Asia/Shanghai · Prometheus");
  });

  it("shows them in English, in another time zone, with what was left out", () => {
    const texts = textsOf(drawSvg(english));

    for (const text of ["Firing", "Threshold > 15 GiB", "Fired 06:26", "15.24 GiB"])
      assert.ok(texts.includes(text), text);
    assert.equal(texts.at(-1), "2026-11-30 05:30 – 06:30 · Europe/London · 37 more series not drawn · Prometheus");
  });

  it("draws at most six series, those of alerts first, and says how many it left out", () => {
    const series = [...Array(9).keys()].map((n) => seriesOf(`s${n}`, () => n, n === 8));

    const texts = textsOf(drawSvg({ ...firing, series, omittedSeries: 2 }));

    const names = texts.filter((text) => /^s\d$/u.test(text));
    assert.deepEqual(names, ["s8", "s0", "s1", "s2", "s3", "s4"]);
    assert.match(texts.at(-1) ?? "", /另有 5 条序列未画出/u);
  });

  it("says no data of a series that ended, instead of its last value", () => {
    const texts = textsOf(drawSvg(odd.gone ?? firing));

    assert.ok(texts.includes("无数据"));
  });

  it("says when it has nothing to draw", () => {
    for (const name of ["empty", "no samples"]) {
      assert.ok(textsOf(drawSvg(odd[name] ?? firing)).includes("此时段无数据"), name);
    }
  });

  it("says that it fired before the picture begins, with the date", () => {
    const texts = textsOf(drawSvg(odd["fired the day before"] ?? firing));

    assert.ok(texts.includes("← 触发 11-29 17:30"));
  });

  it("says that it fired after the picture ends: its last step may be a little before now", () => {
    const texts = textsOf(drawSvg({ ...firing, firedAt: firing.endAt + 5_000 }));

    assert.ok(texts.includes("触发 14:30 →"));
  });

  it("draws series of 0 and 1 as steps", () => {
    const curve = /<path d="M[^"]*" fill="none" stroke="#d92d20" stroke-width="4.5"/u.exec(drawSvg(binary))?.[0] ?? "";

    assert.match(curve, /^<path d="M[\d. ]+(?:H[\d.]+V[\d.]+)+"/u);
  });

  it("leaves gaps where values are no numbers or samples are missing", () => {
    const missing = seriesOf("a", (m) => (m > 10 && m < 12 ? Number.NaN : m), true);
    const late = { ...missing, points: missing.points.filter((_, n) => n < 100 || n > 120) };

    const curves = drawSvg({ ...firing, series: [late], thresholds: [] }).match(/stroke-width="4.5"/gu);

    assert.equal(curves?.length, 3);
  });

  it("has a box for what the font lacks, one for each character that people see", () => {
    const ascii = (codePoint: number) => codePoint < 0x80 || codePoint === "□".codePointAt(0);

    const texts = textsOf(drawSvg({ ...firing, title: "a 🔥 👨‍👩‍👧‍👦 é龘 b\u0000c\u202ed\ud800" }, ascii));

    assert.equal(texts[0], "a □ □ □□ b cd□");
  });

  it("is well-formed XML within its bounds, whatever the texts, times and values", () => {
    fc.assert(
      fc.property(contents, (content) => {
        const svg = drawSvg(content);

        assertWellFormed(svg);
        for (const { x, y } of numbersIn(svg)) {
          assert.ok(x >= 0 && x <= 1068 && y >= 0 && y <= 640, `${x} ${y}`);
        }
        assert.equal(drawSvg(structuredClone(content)), svg);
      }),
      { numRuns: 300 },
    );
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(..."<>&\"'/=x 磁é🔥\u0000\u202e"), maxLength: 30 }),
  fc.constantFrom("x".repeat(2_000), "磁".repeat(2_000), "]]>", "<!--", "&#0;"),
);
const startAt = Date.UTC(2026, 2, 8);
const moment = fc.oneof(fc.integer({ min: -1e9, max: 1e10 }), fc.constant(0)).map((ms) => startAt + ms);
const value = fc.oneof(
  fc.double(),
  fc.constantFrom(0, 1, -0, 1e308, -1e308, 5e-324, 0.9, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer({ min: -100, max: 100 }),
);
const series: fc.Arbitrary<GraphSeries> = fc.record({
  name: text,
  points: fc.array(fc.tuple(moment, value), { maxLength: 20 }).map((points) => points.toSorted(([a], [b]) => a - b)),
  isAlert: fc.boolean(),
});
const contents: fc.Arbitrary<GraphContent> = fc
  .record({
    title: text,
    subtitle: text,
    status: fc.constantFrom("firing", "resolved"),
    value: fc.option(text),
    unit: fc.constantFrom("none", "ratio", "percent", "bytes", "bytes_per_second", "seconds", "celsius"),
    thresholds: fc.array(
      fc.record({
        op: fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
        value: fc.oneof(value.filter(Number.isFinite), fc.integer()),
      }),
      { maxLength: 5 },
    ),
    series: fc.array(series, { maxLength: 8 }),
    omittedSeries: fc.nat(),
    times: fc.tuple(moment, moment).map((times) => times.toSorted((a, b) => a - b)),
    firedAt: fc.option(moment),
    resolvedAt: fc.option(moment),
    language: fc.constantFrom("zh", "en"),
    timezone: fc.constantFrom("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"),
    source: text,
  })
  .map(({ times: [start = startAt, end = start], ...others }) => ({ ...others, startAt: start, endAt: end }));
