// The README is short, its Chinese twin says the same, and its examples work.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { checkConfig } from "../../src/config/check.ts";
import { createIntake } from "../../src/intake.ts";
import { type CodeBlock, codeBlocks, headings, links, pages, read, tableAfter } from "./pages.ts";

const english = read("README.md");
const chinese = read("README.zh-CN.md");
const maxLines = 150;

const robotKey = "00000000-0000-4000-8000-000000000000";
const lookups = {
  env: (name: string) => `robot-of-${name}`,
  file: () => ({ kind: "text", text: robotKey }) as const,
};

function named(name: string): readonly CodeBlock[] {
  return pages.flatMap((page) => codeBlocks(read(page)).filter(({ text }) => text.startsWith(`# ${name}`)));
}

function curls(): readonly { readonly url: string; readonly body: string }[] {
  const shell = pages.flatMap((page) => codeBlocks(read(page)).filter(({ language }) => language === "sh"));
  return shell.flatMap(({ text }) =>
    [...text.matchAll(/^curl .*?(https?:\S+) -d '([^']*)'/gmu)].map((match) => ({
      url: match[1] ?? "",
      body: match[2] ?? "",
    })),
  );
}

/** Every string under a key of that name, wherever it is. */
function valuesOf(name: string, value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === name && typeof inner === "string" ? [inner] : valuesOf(name, inner),
  );
}

describe("the README", () => {
  for (const [name, text] of Object.entries({ english, chinese })) {
    it(`is at most ${maxLines} lines long in ${name}`, () => {
      assert.ok(text.trimEnd().split("\n").length <= maxLines);
    });
  }

  it("has the same headings in both languages", () => {
    const levels = (page: string) => headings(page).map(({ level }) => level);

    assert.deepEqual(levels(chinese), levels(english));
  });

  it("has the same code blocks in both languages", () => {
    assert.deepEqual(codeBlocks(chinese), codeBlocks(english));
  });

  it("links to the same places in both languages, in the same order", () => {
    const elsewhere = (page: string) => links(page).filter((target) => !target.startsWith("README"));

    assert.deepEqual(elsewhere(chinese), elsewhere(english));
  });

  it("has the same rows in its tables in both languages", () => {
    const firsts = (page: string) => [...page.matchAll(/^\|([^|]*)\|/gmu)].map((match) => match[1]?.trim());

    assert.deepEqual(firsts(chinese).filter(isCode), firsts(english).filter(isCode));
    assert.equal(firsts(chinese).length, firsts(english).length);
  });

  it("shows each promise by a test that exists", () => {
    const rows = tableAfter(english, "## Why");

    for (const [promise, , proof] of rows) assert.ok(links(proof ?? "").length > 0, `${promise} is shown by nothing`);
    assert.deepEqual(
      rows.map(([promise]) => promise),
      ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"],
    );
  });
});

describe("the examples of the pages", () => {
  it("config files are free of faults and warnings", () => {
    const configs = named("config.yaml");

    assert.ok(configs.length > 0);
    for (const { text } of configs) {
      const checked = checkConfig(text, lookups);
      assert.ok(checked.kind === "config", JSON.stringify(checked));
      assert.deepEqual(checked.warnings, []);
    }
  });

  for (const sender of ["alertmanager.yml", "provisioning/alerting"]) {
    it(`the sender's block ${sender} posts to one of our hooks, to a bot of the example`, () => {
      const bots = named("config.yaml").map(({ text }) => checkConfig(text, lookups));
      const known = bots.flatMap((checked) => (checked.kind === "config" ? [...checked.config.bots.keys()] : []));
      const urls = named(sender).flatMap(({ text }) => valuesOf("url", parse(text)));

      assert.ok(urls.length > 0);
      for (const url of urls) {
        const match = /^http:\/\/127\.0\.0\.1:8060\/webhook(?:\/bot\/(\w+))?$/u.exec(url);
        assert.ok(match, url);
        assert.ok(match[1] === undefined || known.includes(match[1]), url);
      }
    });
  }

  it("every curl line is a webhook that is taken", () => {
    const checked = checkConfig(`bots: { ops: { key: ${robotKey} } }\nroute: { bot: ops }\n`, lookups);
    assert.ok(checked.kind === "config");
    const takeIn = createIntake(checked.config);

    const taken = curls().map(({ body }) => takeIn(Buffer.from(body), { kind: "route" }));

    assert.ok(taken.length > 0);
    for (const intake of taken) {
      assert.ok(intake.kind === "notifications", JSON.stringify(intake));
      assert.ok(intake.notifications.length > 0);
      assert.equal(intake.invalidAlerts, 0);
    }
  });
});

function isCode(cell: string | undefined): boolean {
  return cell?.startsWith("`") ?? false;
}
