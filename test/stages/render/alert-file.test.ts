import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert } from "../../../src/domain/alert.ts";
import { fileDrafts } from "../../../src/render/alert-file.ts";
import { rowsOf } from "../../../src/render/view/digest-view.ts";
import { deliveryOf, sampleAlert, sampleGroup, settings } from "./deliveries.ts";

function filesOf(alerts: readonly Alert[], maxBytes?: number) {
  const rows = rowsOf([deliveryOf(sampleGroup(alerts))], settings);
  const parts = fileDrafts(rows, { bot: "运维", settings }, maxBytes);
  return parts.map(({ media }) => ({ name: media?.name ?? "", text: Buffer.from(media?.content ?? []).toString() }));
}

/** RFC 4180, every cell quoted. */
function cellsIn(text: string): readonly (readonly string[])[] {
  const rows = text.slice(1).matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g);
  return [...rows].map(([, row = ""]) =>
    [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = ""]) => cell.replaceAll('""', '"')),
  );
}

describe("a file of alerts", () => {
  test("begins with a byte order mark and its columns, and has a row for each alert", () => {
    const alert = sampleAlert(
      { alertname: "A", severity: "critical", pod: "p-1" },
      { annotations: { summary: 'says "no"', description: "line\nline" }, fingerprint: "f" },
    );

    const [file] = filesOf([alert]);

    assert.ok(file?.text.startsWith("\uFEFF"));
    const [head, row] = cellsIn(file?.text ?? "");
    assert.deepEqual(head?.slice(0, 4), ["状态", "级别", "告警", "标签"]);
    assert.deepEqual(row, [
      "告警中",
      "critical",
      "A",
      "alertname=A, severity=critical, pod=p-1",
      'says "no"',
      "line\nline",
      "",
      "2026-11-22 15:00:00",
      "",
      "1 小时 30 分",
      "",
      "",
      "wecom",
      "f",
    ]);
  });

  test("has a column for each annotation, and one for those that are too many", () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`rare${n}`, "x"]));
    const annotations = [
      { summary: "s", impact: "支付失败", 处理建议: "重启" },
      { impact: "慢", ...many },
    ];

    const [file] = filesOf(annotations.map((one) => sampleAlert({ alertname: "A" }, { annotations: one })));

    const [head = [], first = [], second = []] = cellsIn(file?.text ?? "");
    assert.deepEqual([head[14], first[14], second[14]], ["impact", "支付失败", "慢"]);
    assert.equal(first[head.indexOf("处理建议")], "重启");
    assert.deepEqual([head.length, head.at(-1)], [14 + 50 + 1, "其他注解"]);
    assert.match(second.at(-1) ?? "", /^rare\d+: x\nrare/);
  });

  test("is named after the bot, the day and the time", () => {
    assert.equal(filesOf([sampleAlert({})])[0]?.name, "alerts-运维-2026-11-22-163000.csv");
  });

  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "＝1", "\r\n=1"];
  for (const summary of formulas) {
    test(`holds no formula: ${JSON.stringify(summary)}`, () => {
      const [file] = filesOf([sampleAlert({ alertname: "A" }, { annotations: { summary, description: summary } })]);

      const [, row = []] = cellsIn(file?.text ?? "");
      for (const cell of row) assert.doesNotMatch(cell, /^\s*[=+\-@＝＋－＠]/);
    });
  }

  test("too long for one is continued in the next, each with its columns", () => {
    const alerts = Array.from({ length: 50 }, (_, n) => sampleAlert({ alertname: "A", pod: `pod-${n}.` }));

    const files = filesOf(alerts, 4000);

    assert.ok(files.length > 1);
    for (const [index, { name, text }] of files.entries()) {
      assert.ok(Buffer.byteLength(text) <= 4000);
      assert.ok(name.endsWith(`-${index + 1}of${files.length}.csv`));
      assert.equal(cellsIn(text)[0]?.[0], "状态");
    }
    for (const { labels } of alerts) assert.ok(files.some(({ text }) => text.includes(`pod=${labels.pod}`)));
  });

  test("cuts no cell silently", () => {
    const [file] = filesOf([sampleAlert({ alertname: "A" }, { annotations: { summary: "长".repeat(50_000) } })]);

    assert.match(file?.text ?? "", /…（截短，共 150000 字节）"/);
  });

  test("is well-formed whatever an alert says", () => {
    const pairs = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ unit: "binary", maxLength: 9 }), {
      maxKeys: 4,
    });

    fc.assert(
      fc.property(fc.array(fc.tuple(pairs, pairs), { minLength: 1, maxLength: 5 }), (said) => {
        const alerts = said.map(([labels, annotations]) => sampleAlert(labels, { annotations }));

        const [file] = filesOf(alerts);

        const rows = cellsIn(file?.text ?? "");
        assert.equal(rows.length, alerts.length + 1);
        assert.ok((rows[0]?.length ?? 0) >= 14);
        for (const row of rows) assert.equal(row.length, rows[0]?.length);
      }),
    );
  });
});
