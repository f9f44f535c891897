// The replicas: separate processes on a faster clock, each with its own cable to the database.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PostgresServer } from "../../src/outbox/postgres/driver.ts";
import { type Cable, startCable } from "../../test/support/cable.ts";
import { bots } from "./webhooks.ts";

export interface FleetOptions {
  readonly replicas: number;
  readonly place: PostgresServer;
  readonly robot: string;
  readonly folder: string;
  readonly factor: number;
  readonly originAt: number;
  /** Gets everything that the replicas write to stderr. */
  readonly log: (text: string) => void;
}

interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
}

/** On the simulated clock. */
const leaseMs = 10_000;

const script = join(import.meta.dirname, "../../test/e2e/scaled-service.ts");

export class Fleet {
  readonly cables: readonly Cable[];
  readonly #options: FleetOptions;
  /** Running replicas, and the last one for a place where none runs. */
  readonly #replicas: Replica[] = [];
  readonly #living = new Set<ChildProcess>();
  readonly #starting = new Map<number, Promise<void>>();
  #closed = false;

  private constructor(options: FleetOptions, cables: readonly Cable[]) {
    this.#options = options;
    this.cables = cables;
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const { replicas, place, folder, robot, factor } = options;
    const cables = await Promise.all(Array.from({ length: replicas }, () => startCable(place.port)));
    for (const [n, { port }] of cables.entries()) {
      writeFileSync(configFile(folder, n), configText({ ...place, port }, { robot, factor }));
    }
    const fleet = new Fleet(options, cables);
    process.once("exit", () => fleet.close());
    await Promise.all(cables.map((_, n) => fleet.#startReplica(n)));
    return fleet;
  }

  get size(): number {
    return this.cables.length;
  }

  /** The address of a replica; it changes when the replica is restarted. */
  origin(n: number): string {
    return `http://127.0.0.1:${this.#replicas[n % this.size]?.port}`;
  }

  /** Resolves when a replica that is being started is ready. */
  async running(n: number): Promise<void> {
    await this.#starting.get(n);
  }

  /** Starts a replacement without waiting for it. */
  kill(n: number): void {
    this.#replicas[n]?.process.kill("SIGKILL");
    this.#replace(n);
  }

  async pause(n: number, ms: number): Promise<void> {
    const child = this.#replicas[n]?.process;
    child?.kill("SIGSTOP");
    await delay(ms);
    child?.kill("SIGCONT");
  }

  /** Starts a replacement while the old replica ends. Resolves with the exit code of the old one. */
  async stop(n: number): Promise<number | null> {
    const old = this.#replicas[n]?.process;
    if (old === undefined) throw new Error(`there is no replica ${n}`);
    const ended = once(old, "exit");
    old.kill("SIGTERM");
    this.#replace(n);
    const [code] = (await ended) as [number | null];
    return code;
  }

  close(): void {
    this.#closed = true;
    for (const child of this.#living) child.kill("SIGKILL");
    for (const cable of this.cables) cable.close();
  }

  #replace(n: number): void {
    this.#starting.set(n, this.#startReplica(n));
  }

  /** Restarts it until it is ready, as a supervisor does while the database is down. */
  async #startReplica(n: number): Promise<void> {
    while (!this.#closed) {
      const child = this.#spawn(n);
      const line = await new Promise<string | null>((resolve) => {
        child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
        child.once("exit", () => resolve(null));
      });
      if (line === null) continue;
      this.#replicas[n] = { port: Number(/\d+/u.exec(line)?.[0]), process: child };
      return;
    }
  }

  #spawn(n: number): ChildProcess {
    const { folder, factor, originAt } = this.#options;
    const args = [script, configFile(folder, n), "0", String(factor), String(originAt)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#living.add(child);
    child.once("exit", () => this.#living.delete(child));
    child.stderr.setEncoding("utf8").on("data", this.#options.log);
    return child;
  }
}

function configFile(folder: string, n: number): string {
  return join(folder, `config-${n}.yaml`);
}

function configText(
  { user, password, port, database }: PostgresServer,
  { robot, factor }: { readonly robot: string; readonly factor: number },
): string {
  const urgent = 'routes: [ { matchers: [severity="critical"], urgent: true } ]';
  const routes = bots.map(({ name }) => `{ matchers: [bot="${name}"], bot: ${name}, ${urgent} }`).join(", ");
  return [
    `storage: "postgres://${user}:${password?.reveal()}@127.0.0.1:${port}/${database}"`,
    // Real time, unlike leases: a lost connection must not block a lane for longer than one lease.
    `postgres: { statement_timeout: ${Math.round(leaseMs / factor)}ms }`,
    `wecom: { base_url: "${robot}" }`,
    "webhook: { dedup_window: 12h }",
    "max_age: 24h",
    `bots: { ${bots.map(({ name, key }) => `${name}: { key: ${key} }`).join(", ")} }`,
    `route: { bot: bot0, routes: [ ${routes} ] }`,
  ].join("\n");
}
