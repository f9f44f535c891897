// The setups that are compared: SQLite, and one to three replicas on one PostgreSQL server. Each measurement gets its own storage.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestPostgres } from "../../test/support/postgres-server.ts";
import { type Child, freePort, startChild } from "../child.ts";
import { cpuMsOf, type ServerWork, serverCpuMs, serverWork, sizeOfPlace, writtenBytesOf } from "./cost.ts";
import { robotsOf } from "./robot-names.ts";
import type { Answers } from "./robots.ts";

interface Robots {
  readonly robots: ChildProcess;
  readonly robotsOrigin: string;
}

/** The program of this checkout. */
export const ownMain = join(import.meta.dirname, "../../dist/main.js");

export interface Lab extends Robots {
  /** The program that is measured: dist/main.js of this or another checkout. */
  readonly main: string;
  readonly postgres: TestPostgres;
  readonly folder: string;
  readonly bots: number;
}

export interface Setup {
  readonly name: string;
  readonly engine: "sqlite" | "postgres";
  readonly replicas: number;
}

export const setups: readonly Setup[] = [
  { name: "SQLite, 1 process", engine: "sqlite", replicas: 1 },
  ...[1, 2, 3].map((replicas) => ({
    name: `PostgreSQL, ${replicas} replica${replicas > 1 ? "s" : ""}`,
    engine: "postgres" as const,
    replicas,
  })),
];

/** Totals since the processes started. The difference of two readings is the cost of the work between them. */
export interface Costs extends ServerWork {
  /** CPU ms. */
  readonly replicasMs: number;
  readonly serverMs: number;
  /** By the replicas, so that of PostgreSQL is not in it. */
  readonly writtenBytes: number;
}

export interface Bench {
  start(): Promise<readonly Child[]>;
  costs(children: readonly Child[]): Promise<Costs>;
  /** The server's first process and those of the sessions of the replicas. */
  serverPids(): Promise<readonly number[]>;
  /** To be called after the replicas were stopped. */
  storedBytes(): Promise<number>;
  remove(): Promise<void>;
}

const noServer = { serverMs: 0, statements: 0, logBytes: 0, logRecords: 0, logFlushes: 0 };

let made = 0;

/** `route`: settings of the root route as YAML. */
export async function benchOf(lab: Lab, { engine, replicas }: Setup, route: string): Promise<Bench> {
  made += 1;
  const { postgres, folder } = lab;
  const configFile = join(folder, `config-${made}.yaml`);
  const file = join(folder, `outbox-${made}.db`);
  const place = engine === "postgres" ? await postgres.createPlace() : null;
  const url = `postgres://${place?.user}:${place?.password?.reveal()}@127.0.0.1:${place?.port}/${place?.database}`;
  const storage = place === null ? `sqlite:${file}` : url;
  const bots = robotsOf(lab.bots).map(({ name, key }) => `${name}: { key: ${key} }`);
  writeFileSync(
    configFile,
    `storage: "${storage}"\nwecom: { base_url: "${lab.robotsOrigin}", timeout: 60s }\noutbox: { max_notifications: 1000000 }\n` +
      // A busy machine must not count as a server that is down.
      (place === null ? "" : "postgres: { statement_timeout: 60s }\n") +
      `bots: { ${bots.join(", ")} }\nroute: { ${["bot: bot0", route].filter(Boolean).join(", ")} }\n`,
  );
  return {
    async start() {
      const children: Child[] = [];
      // One after the other: a busy machine would start three at once too slowly for their time-outs.
      while (children.length < replicas) children.push(await startReplica(lab.main, configFile));
      return children;
    },
    async costs(children) {
      const pids = children.map(({ process: child }) => child.pid ?? 0);
      const own = { replicasMs: cpuMsOf(pids), writtenBytes: writtenBytesOf(pids) };
      if (place === null) return { ...own, ...noServer };
      return { ...own, serverMs: serverCpuMs(postgres.pid()), ...(await serverWork(postgres, place.user)) };
    },
    async serverPids() {
      if (place === null) return [];
      const sessions = await postgres.query(`select pid from pg_stat_activity where usename = '${place.user}'`);
      return [postgres.pid(), ...sessions.map(({ pid }) => Number(pid))];
    },
    storedBytes: async () => (place === null ? statSync(file).size : sizeOfPlace(postgres, place.user)),
    async remove() {
      if (place === null) rmSync(file);
      else await postgres.removePlace(place);
    },
  };
}

async function startReplica(main: string, configFile: string): Promise<Child> {
  const port = await freePort();
  const address = `--web.listen-address=127.0.0.1:${port}`;
  return startChild([main, "serve", `--config.file=${configFile}`, address, "--log.level=error"], {
    port,
    readyPath: "/-/ready",
  });
}

export async function startRobots(bots: number): Promise<Robots> {
  const robots = fork(join(import.meta.dirname, "robots.ts"), [String(bots)]);
  const [robotsOrigin] = await once(robots, "message");
  return { robots, robotsOrigin };
}

export async function ask<Q extends keyof Answers>(robots: ChildProcess, question: Q): Promise<Answers[Q]> {
  const answer = once(robots, "message");
  robots.send(question);
  return (await answer)[0];
}
