// Causes one trouble after another: the seed chooses those of the replicas; those of the database come at fixed shares of the run.

import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../test/fuzz/random.ts";
import type { TestPostgres } from "../../test/support/postgres-server.ts";
import type { Fleet } from "./fleet.ts";

export type TroubleKind = "kill" | "pause" | "stop" | "restart" | "cut" | "cutOne";

/** Epoch ms of the simulated clock. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** The replica, for a trouble of one replica. */
  readonly replica: number;
  readonly fromAt: number;
  readonly toAt: number;
}

export interface TroubleOptions {
  readonly fleet: Fleet;
  readonly postgres: TestPostgres;
  readonly random: Random;
  readonly now: () => number;
  /** How long posting takes on the simulated clock, which runs `factor` times as fast as real time. */
  readonly spanMs: number;
  readonly factor: number;
  readonly until: Promise<unknown>;
}

/** On the simulated clock. A lease lasts 10 s. */
const pauseMs = 25_000;
const downMs = 5_000;
const cutMs = 30_000;
const quietAtLeastMs = 10_000;
const quietAtMostMs = 40_000;

/** Share of the run after which each is due. */
const ofTheDatabase: readonly { readonly kind: TroubleKind; readonly share: number }[] = [
  { kind: "restart", share: 0.2 },
  { kind: "cut", share: 0.4 },
  { kind: "restart", share: 0.6 },
  { kind: "cutOne", share: 0.8 },
];

export interface Troubles {
  readonly all: readonly Trouble[];
  /** Stops that did not end with exit code 0. */
  readonly uncleanStops: number;
}

export async function makeTrouble(options: TroubleOptions): Promise<Troubles> {
  const { random, now, spanMs, factor, until } = options;
  let over = false;
  void until.finally(() => {
    over = true;
  });
  const startAt = now();
  const all: Trouble[] = [];
  const due = [...ofTheDatabase];
  let bag: TroubleKind[] = [];
  const unclean: Trouble[] = [];
  while (!over) {
    await delay((quietAtLeastMs + random.below(quietAtMostMs - quietAtLeastMs)) / factor);
    const share = (now() - startAt) / spanMs;
    if (bag.length === 0) bag = ["kill", "pause", "stop"];
    const kind = share >= (due[0]?.share ?? 1) ? due.shift()?.kind : bag.splice(random.below(bag.length), 1)[0];
    if (kind === undefined) continue;
    const replica = random.below(options.fleet.size);
    await options.fleet.running(replica);
    const fromAt = now();
    const fine = await carryOut(kind, replica, options);
    const trouble = { kind, replica, fromAt, toAt: now() };
    all.push(trouble);
    console.log(sentence(trouble, startAt) + (fine ? "" : ", not cleanly"));
    if (!fine) unclean.push(trouble);
  }
  return { all, uncleanStops: unclean.length };
}

function sentence({ kind, replica, fromAt, toAt }: Trouble, startAt: number): string {
  const minutes = ((fromAt - startAt) / 60_000).toFixed(1);
  const ofOne = kind === "restart" || kind === "cut" ? "" : ` of replica ${replica}`;
  return `  minute ${minutes.padStart(4)}: ${kind}${ofOne}, ${((toAt - fromAt) / 1_000).toFixed(0)} s`;
}

async function carryOut(kind: TroubleKind, n: number, { fleet, postgres, factor }: TroubleOptions): Promise<boolean> {
  switch (kind) {
    case "kill":
      fleet.kill(n);
      return true;
    case "pause":
      await fleet.pause(n, pauseMs / factor);
      return true;
    case "stop":
      return (await fleet.stop(n)) === 0;
    case "restart":
      await postgres.down();
      await delay(downMs / factor);
      await postgres.up();
      return true;
    case "cut":
    case "cutOne": {
      const cables = fleet.cables.filter((_, index) => kind === "cut" || index === n);
      for (const cable of cables) cable.cut();
      await delay(cutMs / factor);
      for (const cable of cables) cable.repair();
      return true;
    }
  }
}
