// The service as it is started in production, one process or several on one outbox, with simulated robots. What these tests know of it
// is its config, its HTTP API, its log and what the robots received; so they judge any outbox and any delivery.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../../support/child.ts";
import { anyAlertAgain, deliveredTexts, repeatMark } from "../../support/delivered.ts";
import { startPostgres, type TestPostgres, urlOf } from "../../support/postgres-server.ts";
import { eventually, keyOf } from "../../support/stack.ts";
import { crowded, idPattern } from "./load.ts";

export const engines = ["SQLite", "PostgreSQL"] as const;

export interface LabOptions {
  readonly engine: (typeof engines)[number];
  /** The robots. By default each is the one key of a bot of the same name. */
  readonly robots: readonly string[];
}

export interface ReplicaOptions {
  /** The robot of each bot; robots with a bot of the same name when absent. */
  readonly bots?: Readonly<Record<string, string>>;
  /** Of a relay to the database; the database's own when absent. */
  readonly databasePort?: number;
  /** `digest.max_messages`; 10 when absent. */
  readonly digestMessages?: number;
  /** Of the config, in YAML on one line; anyone may post when absent. */
  readonly auth?: string;
}

export interface Replica {
  readonly origin: string;
  readonly child: Child;
  /** Uses these bots from now on, instead of those it was started with. */
  reload(bots: Readonly<Record<string, string>>): Promise<void>;
  /** The sum over all series of a metric of this bot; 0 while it has none. */
  metric(name: string, bot: string): Promise<number>;
}

export interface Lab {
  readonly simulator: Simulator;
  /** Throws for SQLite. */
  readonly postgres: TestPostgres;
  /** The database user of all replicas. */
  readonly user: string;
  start(options?: ReplicaOptions): Promise<Replica>;
}

const main = join(import.meta.dirname, "../../../src/main.ts");

export async function startLab(t: TestContext, { engine, robots }: LabOptions): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-delivery-"));
  const simulator = await startSimulator({ robots: robots.map((name) => ({ name, key: keyOf(name) })) });
  const postgres = engine === "SQLite" ? null : await startPostgres();
  const all: Replica[] = [];
  t.after(async () => {
    await Promise.all(all.map(({ child }) => child.stop("SIGKILL")));
    await Promise.all([simulator.close(), postgres?.stop()]);
    rmSync(folder, { recursive: true });
    const output = all.map(({ child }) => child.stdout() + child.stderr()).join("");
    for (const robot of robots) assert.ok(!output.includes(keyOf(robot)), `the log shows the key of ${robot}`);
  });
  const place = (await postgres?.createPlace()) ?? null;
  const storageOf = ({ databasePort }: ReplicaOptions) =>
    place === null ? `sqlite:${join(folder, "outbox.db")}` : urlOf({ ...place, port: databasePort ?? place.port });
  let configs = 0;
  return {
    simulator,
    get postgres() {
      if (postgres === null) throw new Error("this lab has no PostgreSQL server");
      return postgres;
    },
    user: place?.user ?? "",
    async start(options = {}) {
      configs += 1;
      const file = join(folder, `config-${configs}.yaml`);
      const lines = [
        `storage: "${storageOf(options)}"`,
        `wecom: { base_url: "${simulator.origin}" }`,
        // Slots are used sooner, and files, which cannot carry the mark, are not needed.
        `digest: { max_messages: ${options.digestMessages ?? 10} }`,
        `auth: ${options.auth ?? "{}"}`,
      ];
      const write = (bots: Readonly<Record<string, string>>) =>
        writeFileSync(file, [...lines, ...botLines(bots)].join("\n"));
      write(options.bots ?? Object.fromEntries(robots.map((name) => [name, name])));
      const replica = await startReplica(file, write);
      all.push(replica);
      return replica;
    },
  };
}

function botLines(bots: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.entries(bots).map(([bot, robot]) => `${bot}: { key: ${keyOf(robot)} }`);
  return [`bots: { ${named.join(", ")} }`, `route: { bot: ${Object.keys(bots)[0]} }`];
}

async function startReplica(file: string, write: (bots: Readonly<Record<string, string>>) => void): Promise<Replica> {
  const address = `127.0.0.1:${await freePort()}`;
  const origin = `http://${address}`;
  const args = [main, "serve", `--config.file=${file}`, `--web.listen-address=${address}`];
  const child = await startServer({ command: process.execPath, args }, `${origin}/-/ready`);
  return {
    origin,
    child,
    async reload(bots) {
      write(bots);
      const answer = await fetch(`${origin}/-/reload`, { method: "POST" });
      assert.equal(answer.status, 200, await answer.text());
    },
    async metric(name, bot) {
      const text = await (await fetch(`${origin}/metrics`)).text();
      assert.ok(text.includes(`# TYPE alertmanager_wecom_${name} `), `there is no metric ${name}`);
      const series = `alertmanager_wecom_${name}{`;
      const rows = text.split("\n").filter((row) => row.startsWith(series) && row.includes(`bot="${bot}"`));
      return rows.reduce((total, row) => total + Number(row.split(" ").at(-1)), 0);
    },
  };
}

/** All alerts that the groups have read. */
export function alertsRead({ simulator }: Lab): ReadonlySet<string> {
  return new Set(deliveredTexts(simulator).flatMap((text) => text.match(idPattern) ?? []));
}

export function without(ids: Iterable<string>, others: ReadonlySet<string>): readonly string[] {
  return [...ids].filter((id) => !others.has(id));
}

/** Waits until the groups have read every one of these alerts. */
export async function untilDelivered(lab: Lab, ids: Iterable<string>, withinMs?: number): Promise<void> {
  const wanted = [...ids];
  const missing = () => without(wanted, alertsRead(lab)).length;
  await eventually("every accepted alert is delivered", () => missing() === 0, withinMs).catch((cause) => {
    throw new Error(`${missing()} of ${wanted.length} accepted alerts are not delivered`, { cause });
  });
}

/** Of a window. A request that was recorded and did not leave before its process was killed uses a slot too. */
const crowdedAtLeast = 16;

/** Waits until the crowded bot has no slot, and the replica that delivers for it knows: a message too many would have been sent. */
export async function untilCrowded({ simulator }: Lab, replicas: readonly Replica[]): Promise<void> {
  const used = () => simulator.arrivals().filter(({ robot }) => robot === crowded).length;
  const rests = async (replica: Replica) =>
    (await replica.metric("window_slots_free", crowded)) === 0 ||
    (await replica.metric("outbox_notifications", crowded)) === 0;
  await eventually("the crowded bot waits for a slot", async () => {
    return used() >= crowdedAtLeast && (await Promise.all(replicas.map(rests))).includes(true);
  });
}

export interface Seen {
  readonly messages: number;
  readonly repeats: number;
  readonly largestWindow: number;
  readonly mostInFlight: number;
}

/** No rule of WeCom broken, no 21st message, no repeat without its mark. */
export function assertLaws({ simulator }: Lab): Seen {
  const texts = deliveredTexts(simulator);
  const repeats = anyAlertAgain(texts, idPattern);
  assert.deepEqual(simulator.violations(), []);
  assert.ok(simulator.largestWindow() <= 20, `${simulator.largestWindow()} requests in 60 s`);
  assert.deepEqual(
    repeats.filter((text) => !repeatMark.test(text)),
    [],
    "repeated without the mark",
  );
  return {
    messages: texts.length,
    repeats: repeats.length,
    largestWindow: simulator.largestWindow(),
    mostInFlight: Math.max(0, ...simulator.arrivals().map(({ inFlight }) => inFlight)),
  };
}
