// The connection to a PostgreSQL server, from the text of a config to a real server that accepts only TLS: certificates, passwords, the
// size of the pool, the time limit of statements.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { openPostgres } from "../../src/outbox/postgres/open-postgres.ts";
import { notification, roomy } from "../contract/outbox/storage.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { openReplica, sharedOptions } from "../support/shared-outbox.ts";
import { eventually } from "../support/stack.ts";

const certificates = new URL("../fixtures/tls/", import.meta.url);

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ ssl: "on" }, { certificates });
});
after(() => postgres?.stop());

/** The storage of a config with a new schema; `ending` is appended to the URL, `section` is the key `postgres`. */
async function configured(ending: string, section: Readonly<Record<string, string | number>>) {
  const { user, password, port } = await postgres.createPlace();
  const text = [
    `storage: "postgres://${user}@localhost:${port}/postgres${ending}"`,
    `postgres: ${JSON.stringify(section)}`,
    "bots: { ops: { key: 693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa } }",
    "route: { bot: ops }",
  ].join("\n");
  const checked = checkConfig(text, {
    env: (name) => (name === "DB_PASSWORD" ? password?.reveal() : undefined),
    file: (path) => fileOf(path, password?.reveal() ?? ""),
  });
  assert.ok(checked.kind === "config" && checked.config.storage.engine === "postgres", JSON.stringify(checked));
  return { user, storage: checked.config.storage };
}

function fileOf(path: string, password: string) {
  if (path === "password") return { kind: "text", text: `${password}\n` } as const;
  return { kind: "text", text: readFileSync(new URL(path, certificates), "utf8") } as const;
}

const password = { password_env: "DB_PASSWORD" };

describe("a PostgreSQL server that accepts only TLS", () => {
  const ways = [
    ["verify-full with its authority", "?sslmode=verify-full", { ...password, ca_file: "ca.pem" }],
    ["the password from a file", "?sslmode=verify-full", { password_file: "password", ca_file: "ca.pem" }],
    ["require, without an authority", "?sslmode=require", password],
  ] as const;
  for (const [what, ending, section] of ways) {
    it(`is reached with ${what}, and every connection is encrypted`, async (t) => {
      const { user, storage } = await configured(ending, section);

      const outbox = await openReplica(t, storage);
      outbox.onWork(() => {});
      const accepted = await outbox.accept([notification()], roomy);

      const sessions = `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = '${user}'`;
      await eventually("its listening connection is open", async () => (await postgres.query(sessions)).length > 1);
      assert.equal(accepted.kind, "stored");
      assert.ok((await postgres.query(sessions)).every(({ ssl }) => ssl === true));
    });
  }

  const refusals = [
    ["clear text", "", password, /no encryption|no pg_hba/u],
    ["verify-full without its authority", "?sslmode=verify-full", password, /certificate/u],
    ["another authority", "?sslmode=verify-full", { ...password, ca_file: "second-ca.pem" }, /certificate/u],
    [
      "another authority, though only encryption is required",
      "?sslmode=require",
      { ...password, ca_file: "second-ca.pem" },
      /certificate/u,
    ],
  ] as const;
  for (const [what, ending, section, says] of refusals) {
    it(`is not reached with ${what}, and the error says why`, async () => {
      const { storage } = await configured(ending, section);

      await assert.rejects(openPostgres(storage, sharedOptions), (fault: Error) => says.test(String(fault.message)));
    });
  }
});

describe("a replica", () => {
  const secured = { ...password, ca_file: "ca.pem" };

  it("opens at most pool_size connections and one that listens, also under load", async (t) => {
    const { user, storage } = await configured("?sslmode=verify-full", { ...secured, pool_size: 3 });
    const outbox = await openReplica(t, storage);
    outbox.onWork(() => {});

    await Promise.all(Array.from({ length: 30 }, () => outbox.backlog()));

    const [row] = await postgres.query(`select count(*)::int as open from pg_stat_activity where usename = '${user}'`);
    assert.ok(Number(row?.open) <= 4, `${row?.open} connections`);
  });

  it("ends a statement after statement_timeout: the webhook is refused, and accepted when the server is fast again", async (t) => {
    const { user, storage } = await configured("?sslmode=verify-full", { ...secured, statement_timeout: "300ms" });
    const outbox = await openReplica(t, storage);
    const locks = `select from pg_locks where relation = '${user}.notifications'::regclass and mode = 'AccessExclusiveLock'`;

    const slow = postgres.query(`begin; lock table ${user}.notifications; select pg_sleep(3); commit`);
    await eventually("the table is locked", async () => (await postgres.query(locks)).length > 0);
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const stillLocked = (await postgres.query(locks)).length > 0;
    await slow;
    const accepted = await outbox.accept([notification()], roomy);

    assert.ok(stillLocked, "the call waited for the lock to be free");
    assert.equal(accepted.kind, "stored");
  });
});
