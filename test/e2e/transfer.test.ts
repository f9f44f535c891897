// One outbox moves from SQLite to a PostgreSQL server and back, by the command an operator runs, while alerts come and a service is
// killed before the first move. On the real clock: the minute in which a robot takes twenty messages goes on through the moves.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { openPostgres } from "../../src/outbox/postgres.ts";
import type { PostgresServer } from "../../src/outbox/postgres-driver.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { exported, rowsIn } from "../contract/outbox/transfers.ts";
import { run } from "../stages/commands/running.ts";
import { killImport, largeExport } from "../support/killed-import.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { eventually } from "../support/stack.ts";

const key = "0a1b2c3d-5ec2-4e77-9999-00000000c0de";
const main = join(import.meta.dirname, "../../src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-transfer-"));
let postgres: TestPostgres;
let simulator: Simulator;
const running = new Set<ChildProcess>();

before(async () => {
  [postgres, simulator] = await Promise.all([startPostgres(), startSimulator({ robots: [{ name: "ops", key }] })]);
});

after(async () => {
  for (const child of running) child.kill("SIGKILL");
  await simulator?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function configIn(name: string, storage: string): string {
  const path = join(folder, name);
  const limits = "webhook: { dedup_window: 12h }\noutbox: { retention: 7d }\nmax_age: 24h\n";
  const robot = `wecom: { base_url: "${simulator.origin}" }\nbots: { ops: { key: ${key} } }\nroute: { bot: ops }\n`;
  writeFileSync(path, `${limits}${robot}storage: "${storage}"\n`);
  return `--config.file=${path}`;
}

function urlOf({ user, password, port, database }: PostgresServer): string {
  return `postgres://${user}:${password?.reveal()}@127.0.0.1:${port}/${database}`;
}

interface Served {
  readonly origin: string;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

async function serve(config: string): Promise<Served> {
  const args = [main, "serve", config, "--web.listen-address=127.0.0.1:0", "--log.format=json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  running.add(child);
  let log = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      const found = /"port":(\d+)/u.exec(log)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${log}`)));
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    async end(signal) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
      running.delete(child);
    },
  };
}

async function post({ origin }: Served, id: string): Promise<void> {
  const labels = { alertname: "Transfer", instance: id };
  const alert = { status: "firing", labels, annotations: {}, startsAt: "2026-11-27T08:00:00Z" };
  const answer = await fetch(`${origin}/webhook`, { method: "POST", body: JSON.stringify({ alerts: [alert] }) });
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
}

const bodies = () => simulator.accepted().map(({ body }) => JSON.stringify(body));
const untold = (ids: readonly string[]) => ids.filter((id) => !bodies().some((text) => text.includes(id)));
const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => `t${first + n}x`);

async function move(from: string, to: string, name: string): Promise<string> {
  const file = join(folder, name);
  const exporting = await run(["outbox", "export", from, file]);
  const importing = await run(["outbox", "import", to, file]);
  assert.deepEqual([exporting.code, importing.code], [0, 0], exporting.err + importing.err);
  assert.equal(importing.out.replace("imported", "exported"), exporting.err);
  return exporting.err;
}

describe("an outbox that moves", () => {
  it("from SQLite to PostgreSQL and back loses nothing, repeats only what was in doubt, and keeps the window", async () => {
    const place = await postgres.createPlace();
    const sqlite = configIn("sqlite.yaml", `sqlite:${join(folder, "one.db")}`);
    const server = configIn("postgres.yaml", urlOf(place));
    const sqliteAgain = configIn("again.yaml", `sqlite:${join(folder, "two.db")}`);

    const first = await serve(sqlite);
    for (const id of idsFrom(0, 15)) {
      await post(first, id);
      await eventually("told at once", () => untold([id]).length === 0, 20_000);
    }
    for (const id of idsFrom(15, 45)) await post(first, id);
    await first.end("SIGKILL");
    const out = await move(sqlite, server, "out.jsonl");
    const second = await serve(server);
    await post(second, "t5x");
    for (const id of idsFrom(60, 40)) await post(second, id);
    const whileItRuns = await run(["outbox", "export", server, join(folder, "running.jsonl")]);
    await second.end("SIGTERM");
    const back = await move(server, sqliteAgain, "back.jsonl");
    const third = await serve(sqliteAgain);
    await eventually("every alert is told", () => untold(idsFrom(0, 100)).length === 0, 150_000);
    await third.end("SIGTERM");

    const seen = new Set<string>();
    const repeats = bodies().filter((text) => {
      const alerts = JSON.stringify([...new Set(text.match(/t\d+x/gu))]);
      const again = seen.has(alerts);
      seen.add(alerts);
      return again;
    });
    console.log(`${out}\n${back}`);
    console.log(`messages ${bodies().length}, repeated ${repeats.length}, window ${simulator.largestWindow()}`);
    assert.equal(whileItRuns.code, 1);
    assert.match(whileItRuns.err, /the outbox is in use: 1 replica is connected/);
    assert.equal(existsSync(join(folder, "running.jsonl")), false);
    assert.ok(repeats.length <= 1);
    for (const repeat of repeats) assert.match(repeat, /可能重复/u);
    assert.ok(simulator.largestWindow() <= 20, `${simulator.largestWindow()}`);
    assert.deepEqual(simulator.violations(), []);
  });

  it("and is killed with -9 while it is imported leaves nothing on the server; the next import stores all", async () => {
    const place = await postgres.createPlace();
    const config = configIn("killed.yaml", urlOf(place));
    const lines = await largeExport(3_000);
    const file = join(folder, "large.jsonl");
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""));

    await killImport(config.replace("--config.file=", ""), lines, 0.9);
    const options = { owner: "test", leaseMs: 1_000, clock: systemClock(), failed: () => {} };
    const outbox = await openPostgres(place, { ...options, watcher: { away: () => {}, back: () => {} } });
    const left = rowsIn(await exported(outbox)).length;
    const imported = await run(["outbox", "import", config, file]);
    const stored = rowsIn(await exported(outbox));
    await outbox.close();

    assert.equal(left, 0);
    assert.equal(imported.code, 0, imported.err);
    assert.equal(stored.length, 3_000);
    assert.equal(stored.at(-1), rowsIn(lines).at(-1));
  });
});
