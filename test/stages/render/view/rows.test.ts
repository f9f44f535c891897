import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageKind } from "../../../../src/domain/message-kind.ts";
import { messageText } from "../../../../src/wecom/message.ts";
import { renderSample, sampleAlert, sampleGroup } from "../deliveries.ts";

type Labels = Readonly<Record<string, string>>;

function linesOf(kind: MessageKind, labels: readonly Labels[], rest: Parameters<typeof sampleAlert>[1] = {}) {
  const alerts = labels.map((own) => sampleAlert({ alertname: "Down", ...own }, rest));
  const { parts } = renderSample(sampleGroup(alerts), { messages: [kind] });
  return parts
    .map(({ message }) => messageText(message))
    .join("\n")
    .trim()
    .split("\n");
}

describe("where a folded label alone tells alerts apart, their rows show it and the last line does not repeat it", () => {
  const kinds = { markdown: "`w1`", text: "w1", markdown_v2: "- `w1`" } as const;
  for (const [kind, row] of Object.entries(kinds)) {
    test(kind, () => {
      const lines = linesOf(kind as MessageKind, [
        { instance: "shared", id: "w1", uid: "u" },
        { instance: "shared", id: "w2", uid: "u" },
      ]);

      assert.deepEqual(
        lines.filter((line) => /w1/.test(line)),
        [row],
      );
      assert.equal(lines.filter((line) => /\bid\b/.test(line)).length, 1, "only the head of the column");
      assert.equal(lines.filter((line) => line.includes("uid=u")).length, 1, "what all have is in the last line");
    });
  }

  test("but names it for an alert that stands alone among others", () => {
    const lines = linesOf("markdown", [
      { instance: "shared", id: "w1" },
      { instance: "shared", id: "w2" },
      { alertname: "Up", instance: "shared", id: "w3" },
    ]);

    assert.match(lines.at(-1) ?? "", /id=w3/);
    assert.deepEqual(
      lines.filter((line) => /w1/.test(line)),
      ["`w1`"],
    );
  });
});

describe("a row has no space before it, and one between its pieces", () => {
  const pairsOnly = [{ disk: "a" }, { path: "/b" }];
  const cases: readonly (readonly [MessageKind, Parameters<typeof sampleAlert>[1], readonly string[]])[] = [
    ["markdown", {}, ["disk=a", "path=/b"]],
    ["text", {}, ["disk=a", "path=/b"]],
    ["markdown_v2", {}, ["- disk=a", "- path=/b"]],
    ["markdown", { status: "resolved" }, ["disk=a", "path=/b"]],
    ["markdown_v2", { annotations: { runbook_url: "https://r.example" } }, ["- disk=a", "- path=/b"]],
  ];
  for (const [kind, rest, rows] of cases) {
    test(`${kind} ${JSON.stringify(rest)}`, () => {
      const shown = linesOf(kind, pairsOnly, rest).filter((line) => /disk|path/.test(line));

      assert.deepEqual(shown, rows);
    });
  }
});

const over = { status: "resolved" } as const;

function textOf(alerts: Parameters<typeof sampleGroup>[0]): string {
  return renderSample(sampleGroup(alerts))
    .parts.map(({ message }) => messageText(message))
    .join("\n");
}

describe("a line below the others has no head above it: it names each label once, with its whole value, that is not its subject", () => {
  const pods = [1, 2, 3, 4].map((n) => ({ pod: `web-${n}`, namespace: "shop", host: `10.0.0.${n}:9100` }));
  const disks = ["db-1", "db-2"].map((instance) => ({ instance, mountpoint: "/data", device: "sda" }));
  const mixed = [
    { pod: "api-1", namespace: "shop" },
    { topic: "orders", namespace: "shop" },
  ];
  const cases: Readonly<Record<string, readonly [readonly Labels[], string]>> = {
    "a label of a team's own": [[{ shard: "7" }, { shard: "8" }], "Slow shard=7 "],
    "a port that all have": [pods, "Slow shop/web-1 主机 10.0.0.1:9100 "],
    "a label of the subject that all have": [disks, "Slow db-1 /data 设备 sda "],
    "a label that is part of only one subject": [mixed, "Slow orders 命名空间 shop "],
  };
  for (const [what, [labels, wanted]] of Object.entries(cases)) {
    test(what, () => {
      const recovered = labels.map((own) => sampleAlert({ alertname: "Slow", ...own }, over));
      const lines = textOf([sampleAlert({ alertname: "Down" }), ...recovered]).split("\n");

      const shown = lines.filter((line) => line.replace(/^<font[^>]*>/, "").startsWith(wanted));
      assert.equal(shown.length, 1, lines.join("\n"));
    });
  }
});

describe("a label that all have is shown, though its value is a part of the subject's text", () => {
  const cases: Readonly<Record<string, readonly [readonly Labels[], RegExp]>> = {
    "of several names": [[{ instance: "10.0.0.1:9100" }, { alertname: "Up", instance: "10.0.0.1:9100" }], /^shard=1$/m],
    "of one name": [[{ instance: "10.0.0.1:9100" }, { instance: "10.0.0.2:9100" }], /shard=1/],
  };
  for (const [what, [labels, wanted]] of Object.entries(cases)) {
    test(what, () => {
      assert.match(textOf(labels.map((own) => sampleAlert({ alertname: "Down", shard: "1", ...own }))), wanted);
    });
  }

  test("also one of the subject that its shared beginning does not end with", () => {
    const alerts = [1, 2, 3].map((n) => sampleAlert({ alertname: "Down", instance: `10.0.0.${n}:9400`, device: "1" }));

    assert.match(textOf(alerts), /设备 1/);
  });
});
