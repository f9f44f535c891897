// docs/migration.md and its Chinese twin name every adapter, show the same lines, and configs that load.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { checkConfig } from "../../../src/config/check.ts";
import { compatPeers } from "../../../src/domain/intake.ts";

const pages = ["docs/migration.md", "docs/migration.zh-CN.md"].map((path) =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"),
);

const blocksOf = (page = "") => [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = ""]) => block);

test("both pages name every adapter that compat knows", () => {
  for (const page of pages) {
    const rows = page.matchAll(/`compat: \[([^\]]+)\]`|\| `(?!compat`)([\w-]+)` \|$/gm);
    const named = [...rows].map(([, one, other]) => one ?? other);

    assert.deepEqual(named.toSorted(), [...compatPeers]);
  }
});

test("both pages show the same lines under as many headings", () => {
  const [english, chinese] = pages;

  assert.deepEqual(blocksOf(chinese), blocksOf(english));
  assert.equal(chinese?.match(/^#+ /gm)?.length, english?.match(/^#+ /gm)?.length);
});

test("the lines are YAML, and the config among them loads", () => {
  const sources = { env: () => undefined, file: () => ({ kind: "text", text: "some-robot-key" }) as const };

  const [config = "", ...lines] = blocksOf(pages[0]);

  assert.equal(checkConfig(config, sources).kind, "config");
  for (const line of lines) assert.doesNotThrow(() => parse(line), line);
});
