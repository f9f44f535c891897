// The schema, its JSON form, the example file and docs/configuration.md say the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { checkConfig } from "../../../src/config/check.ts";
import type { Config } from "../../../src/config/config.ts";
import { configSchemaText } from "../../../src/config/schema.ts";
import type { SecretSources } from "../../../src/config/secret-fields.ts";
import type { IssueCode } from "../../../src/domain/issue.ts";
import { sources } from "./samples.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly default?: unknown;
}

const root = JSON.parse(configSchemaText()) as Schema;
const page = read("docs/configuration.md");
const example = read("config.example.yaml");
/** A key of its own for each name. */
const keyFor = (name: string) => `0a1b2c3d-0000-4000-8000-${Buffer.from(name).toString("hex").slice(-12)}`;
const exampleSources: SecretSources = {
  env: keyFor,
  file: (path) => ({ kind: "text", text: `${keyFor(path)}\n` }),
};

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

/** The keys of a mapping in a list stand under the list. */
function keysOf(schema: Schema, prefix: string): readonly (readonly [string, Schema])[] {
  const named = Object.entries({ ...schema.properties, ...schema.items?.properties });
  const inner = schema.additionalProperties ? [...named, ["<name>", schema.additionalProperties] as const] : named;
  return inner.flatMap(([key, value]) => [[`${prefix}${key}`, value] as const, ...keysOf(value, `${prefix}${key}.`)]);
}

/** The entries of every list of `auth` stand under `auth.webhook`. The keys of any route stand under `route`; where a route and the root differ, the root's default counts. */
const schemaKeys = new Map([
  ...keysOf(root.definitions?.route ?? {}, "route."),
  ...keysOf(root, ""),
  ...keysOf(root.definitions?.credential ?? {}, "auth.webhook."),
]);

/** In a table a secret has one row, and another place of the page says once that it may be in a variable or a file. */
const documentedKeys = [...schemaKeys.keys()].filter((key) => {
  const secret = key.replace(/_(?:env|file)$/u, "");
  return secret === key || !isSecret(secret);
});

function isSecret(key: string): boolean {
  return ["", "_env", "_file"].every((end) => schemaKeys.has(key + end));
}

/** Key and default of each row of the page's tables of keys. */
function keysOnPage(): ReadonlyMap<string, string> {
  const tables = page.matchAll(/^\| key \| default \| meaning \|\n.*\n((?:\|.*\n)+)/gm);
  const rows = tables.flatMap(([, body]) => (body ?? "").matchAll(/^\| `([^`]+)` \| (.*?) ?\| .+ \|$/gm));
  return new Map(rows.map(([, key, value]) => [key ?? "", value ?? ""]));
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  return value === "" ? '""' : String(value);
}

function configOf(text: string): Config {
  const checked = checkConfig(text, exampleSources);
  if (checked.kind === "invalid") throw new Error(JSON.stringify(checked.issues, null, 1));
  assert.deepEqual(checked.warnings, []);
  return checked.config;
}

describe("config.schema.json", () => {
  it("is what scripts/write-config-schema.ts writes", () => {
    assert.equal(read("config.schema.json"), configSchemaText());
  });

  it("describes every key", () => {
    const silent = [...schemaKeys].filter(([, schema]) => schema.description === undefined);

    assert.deepEqual(
      silent.map(([key]) => key),
      ["bots.<name>"],
    );
  });
});

describe("config.example.yaml", () => {
  it("names its schema for editors in its first line", () => {
    assert.equal(example.split("\n")[0], "# yaml-language-server: $schema=./config.schema.json");
  });

  it("shows every key", () => {
    const names = [...schemaKeys.keys()].map((key) => key.split(".").at(-1) ?? "").filter((name) => name !== "<name>");

    const absent = names.filter((name) => !new RegExp(`^[ #-]*${name}:`, "m").test(example));

    assert.deepEqual(absent, []);
  });

  it("explains everything in English, then in Chinese", () => {
    const comments = example.split(/\n(?! *#).*/u).flatMap((block) => {
      const lines = block.split("\n").filter((line) => line !== "");
      return lines.map((line, n) => ({ line, rest: lines.slice(n + 1) }));
    });
    const isSentence = (line: string) => /^[ #]*# \S+ .*[.:]$/u.test(line) && !/\p{Script=Han}.*[.:]$/u.test(line);

    const untranslated = comments.filter(
      ({ line, rest }) => isSentence(line) && !rest.some((other) => /\p{Script=Han}/u.test(other)),
    );

    assert.deepEqual(
      untranslated.map(({ line }) => line),
      [],
    );
  });

  it("loads, and shows the real defaults wherever it does not say otherwise", () => {
    const { bots, route, ...shown } = configOf(example);
    const {
      bots: _,
      route: bare,
      ...defaults
    } = configOf("bots: { ops: { key_env: WECOM_OPS_KEY } }\nroute: { bot: ops }");

    assert.deepEqual([...bots.keys()], ["ops", "dba", "oncall"]);
    assert.deepEqual(shown, defaults);
    assert.deepEqual(route.settings, bare.settings);
  });
});

describe("docs/configuration.md", () => {
  it("has a row for every key, and none for anything else", () => {
    assert.deepEqual([...keysOnPage().keys()].toSorted(), documentedKeys.toSorted());
  });

  it("says of every secret that it is one", () => {
    const rows = page.split("\n").filter((line) => line.includes("[secret](#secrets)"));

    const marked = rows.map((row) => /^\| `([^`]+)`/u.exec(row)?.[1]);

    assert.deepEqual(marked.toSorted(), documentedKeys.filter(isSecret).toSorted());
  });

  it("gives the real defaults", () => {
    const onPage = keysOnPage();

    for (const key of documentedKeys) {
      const value = schemaKeys.get(key)?.default;
      const plain = value === undefined || (typeof value === "object" && !Array.isArray(value));
      if (!plain) assert.ok(onPage.get(key)?.endsWith(`\`${written(value)}\``), key);
    }
  });

  it("lists every code", () => {
    const codes: Readonly<Record<IssueCode, true>> = {
      file_unreadable: true,
      yaml_syntax: true,
      unknown_key: true,
      missing_key: true,
      wrong_type: true,
      bad_value: true,
      bad_matcher: true,
      bad_key: true,
      duplicate_key: true,
      secret_unreadable: true,
      unknown_bot: true,
      unused_bot: true,
      unreachable_route: true,
      weak_auth: true,
      template_syntax: true,
      template_unknown_helper: true,
      unknown_rotation: true,
      template_name: true,
      template_unreadable: true,
      template_yaml: true,
      template_card_field: true,
    };

    const table = /\| code \| issue \|\n.*\n((?:\|.*\n)+)/.exec(page)?.[1] ?? "";
    const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);

    assert.deepEqual(listed, Object.keys(codes));
  });

  it("shows what the bad config really says", () => {
    const [, yaml = "", said = ""] =
      /example: bad config[\s\S]*?```yaml\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(page) ?? [];

    const checked = checkConfig(yaml, sources);

    assert.equal(checked.kind, "invalid");
    const issues = checked.kind === "invalid" ? checked.issues : [];
    assert.equal(
      issues.map(({ line, column, message }) => `config.yaml:${line}:${column}: ${message}\n`).join(""),
      said,
    );
  });

  it("shows a smallest file that loads", () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];

    assert.deepEqual([...configOf(yaml).bots.keys()], ["ops"]);
  });
});
