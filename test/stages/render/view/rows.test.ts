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

describe("a line below the others has no head above it: it names each label, with its whole value, that is not its subject", () => {
  const over = { status: "resolved" } as const;
  const pods = [1, 2, 3, 4].map((n) => ({ pod: `web-${n}`, namespace: "shop", host: `10.0.0.${n}:9100` }));
  const cases: Readonly<Record<string, readonly [readonly Labels[], RegExp]>> = {
    "a label of a team's own": [[{ shard: "7" }, { shard: "8" }], /^<font[^>]*>Slow shard=7 /],
    "a port that all have": [pods, /^<font[^>]*>Slow shop\/web-1 主机 10\.0\.0\.1:9100 /],
  };
  for (const [what, [labels, wanted]] of Object.entries(cases)) {
    test(what, () => {
      const recovered = labels.map((own) => sampleAlert({ alertname: "Slow", ...own }, over));
      const { parts } = renderSample(sampleGroup([sampleAlert({ alertname: "Down" }), ...recovered]));

      const lines = parts.flatMap(({ message }) => messageText(message).split("\n"));
      assert.equal(lines.filter((line) => wanted.test(line)).length, 1, lines.join("\n"));
    });
  }
});
