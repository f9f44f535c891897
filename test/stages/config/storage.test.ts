// What `storage` and `postgres` become, and that no issue repeats a password.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkConfig } from "../../../src/config/check.ts";
import type { SecretSources } from "../../../src/config/secret-fields.ts";
import { sources } from "./samples.ts";

const pem = "-----BEGIN CERTIFICATE-----";
const withFiles: SecretSources = {
  env: (name) => (name === "PG" ? "from-env" : sources.env(name)),
  file: (path) => ({ kind: "text", text: path === "ca.pem" ? pem : "from-file\n" }),
};

function check(storage: string, postgres = "{}") {
  const text = `storage: "${storage}"\npostgres: ${postgres}\nbots: { ops: { key: a-robot-of-ops } }\nroute: { bot: ops }\n`;
  return checkConfig(text, withFiles);
}

const url = "postgres://alerts@db.example.cn/outbox";
const server = {
  engine: "postgres",
  host: "db.example.cn",
  port: 5432,
  database: "outbox",
  user: "alerts",
  password: null,
  tls: null,
  poolSize: 10,
  statementTimeoutMs: 5_000,
};

describe("storage: postgres", () => {
  const good: readonly (readonly [string, string, string, object, string | null])[] = [
    ["the least", url, "{}", {}, null],
    ["a port", "postgresql://alerts@db.example.cn:6432/outbox", "{}", { port: 6432 }, null],
    ["a password with signs", "postgres://alerts:p%40ss@db.example.cn/outbox", "{}", {}, "p@ss"],
    ["a password from a variable", url, "{ password_env: PG }", {}, "from-env"],
    ["a password from a file, without its line end", url, "{ password_file: pw }", {}, "from-file"],
    ["limits", url, "{ pool_size: 3, statement_timeout: 2s }", { poolSize: 3, statementTimeoutMs: 2_000 }, null],
    ["TLS", `${url}?sslmode=verify-full`, "{ ca_file: ca.pem }", { tls: { verified: true, ca: pem } }, null],
    ["TLS with any certificate", `${url}?sslmode=require`, "{}", { tls: { verified: false, ca: null } }, null],
    [
      "an authority verifies",
      `${url}?sslmode=require`,
      "{ ca_file: ca.pem }",
      { tls: { verified: true, ca: pem } },
      null,
    ],
  ];
  for (const [name, storage, section, expected, password] of good) {
    it(`reads ${name}`, () => {
      const checked = check(storage, section);

      assert.ok(checked.kind === "config", JSON.stringify(checked));
      const { storage: read } = checked.config;
      assert.ok(read.engine === "postgres");
      assert.deepEqual({ ...read, password: null }, { ...server, ...expected });
      assert.equal(read.password?.reveal() ?? null, password);
      assert.doesNotMatch(JSON.stringify(checked.config.storage), /p@ss|from-/u);
    });
  }

  const bad: readonly (readonly [string, string, string, RegExp])[] = [
    ["no user", "postgres://db.example.cn/outbox", "{}", /expected postgres:/u],
    ["no database", "postgres://alerts:p-word@db.example.cn", "{}", /expected postgres:/u],
    [
      "an sslmode that may fall back to clear text",
      `${url}?sslmode=prefer`,
      "{}",
      /one of disable, require, verify-full/u,
    ],
    ["settings in the URL", `${url}?pool=3`, "{}", /only sslmode/u],
    ["two passwords", "postgres://a:p-word@h/d", "{ password_env: PG }", /in one place/u],
    ["a missing variable", url, "{ password_env: NOWHERE }", /"NOWHERE" is not set/u],
    ["an authority without TLS", url, "{ ca_file: ca.pem }", /only with \?sslmode/u],
    ["an authority that is none", `${url}?sslmode=require`, "{ ca_file: pw }", /no PEM certificate/u],
    ["a server beside a file", "sqlite:x.db", "{ pool_size: 3 }", /storage is a SQLite file/u],
  ];
  for (const [name, storage, section, message] of bad) {
    it(`rejects ${name}, and repeats no password`, () => {
      const checked = check(storage, section);

      assert.ok(checked.kind === "invalid");
      assert.match(checked.issues.map((issue) => issue.message).join("; "), message);
      assert.doesNotMatch(JSON.stringify(checked.issues), /p-word/u);
    });
  }
});

describe("storage: sqlite", () => {
  for (const path of [":memory:", "::memory:", "file::memory:", "file:outbox.db?mode=memory"]) {
    it(`${path} is in memory, or may be: a restart would lose accepted alerts`, () => {
      const checked = check(`sqlite:${path}`);

      assert.deepEqual(checked.kind === "invalid" && checked.issues.map(({ line }) => line), [1]);
    });
  }
});
