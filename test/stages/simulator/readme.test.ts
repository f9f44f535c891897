import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { describeRules } from "../../../src/simulator/rules/rule-list.ts";
import { switchesOf } from "../../../src/simulator/rules/switches.ts";

const path = new URL("../../../src/simulator/README.md", import.meta.url);

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function fieldTable(): string {
  const rows = describeRules().fields.map(({ subject, field, demands, source, confidence }) => [
    subject,
    `\`${field}\``,
    demands,
    source,
    confidence,
  ]);
  return table(["type", "field", "demands", "source", "confidence"], rows);
}

function refusalTable(): string {
  const rows = describeRules().refusals.map((row) => [row.name, row.errcode, row.text, row.source, row.confidence]);
  return table(["error", "errcode", "errmsg begins", "source", "confidence"], rows);
}

function withTable(readme: string, name: string, rows: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const before = readme.slice(0, readme.indexOf(begin) + begin.length);
  return `${before}\n${rows}\n${readme.slice(readme.indexOf(end))}`;
}

/** Refresh with: UPDATE_README=1 node --test test/stages/simulator/readme.test.ts */
test("the tables of the README list every field rule and every refusal of the code", () => {
  const readme = readFileSync(path, "utf8");
  const expected = withTable(withTable(readme, "field rules", fieldTable()), "refusals", refusalTable());

  if (process.env.UPDATE_README === "1") writeFileSync(path, expected);

  assert.equal(readFileSync(path, "utf8"), expected);
});

test("the README names every switch", () => {
  const readme = readFileSync(path, "utf8");

  const unnamed = Object.keys(switchesOf("documented")).filter((name) => !readme.includes(`\`${name}\``));

  assert.deepEqual(unnamed, []);
});
