// Plays a script against the real lanes, worker and outbox, on a clock that jumps to the next event. Records for the laws what is
// accepted and what reaches a robot.

import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { identify } from "../../../src/route/identity.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { alertOf, routedGroup } from "../../support/waiting.ts";
import { type Incarnation, incarnate, openDatabase } from "./incarnation.ts";
import { createDeliveries, lanesOf } from "./lanes.ts";
import { createRobots, keyName, type Robots, type Term } from "./robots.ts";
import type { Script, Shape, Step } from "./script.ts";

export interface AcceptedState {
  readonly alert: string;
  readonly state: number;
  readonly urgent: boolean;
  readonly at: number;
}

export interface World {
  readonly shape: Shape;
  readonly robots: Robots;
  readonly accepted: readonly AcceptedState[];
  /** Keys that the present config does not name. */
  lost: readonly number[];
  /** Two windows after all is delivered: every slot is free again and no key is on hold. */
  atRest: { readonly freeSlots: number; readonly keys: number };
}

/** Called with every span in which nothing happens. */
export type Watch = (world: World, from: number, to: number) => void;

const windowMs = 60_000;
const restartMs = 1_000;
/** A message may back off for 450 s, a dead key for 600 s: a day is forever. */
const patienceMs = 86_400_000;

/** Plays the script, then heals everything, brings back every bot and key and waits until nothing waits. Throws when something does. */
export async function play({ shape, steps }: Script, watch: Watch): Promise<World> {
  const stage = await Stage.open(shape, watch);
  for (const step of steps) await stage.take(step);
  stage.world.robots.heal();
  await stage.take({ kind: "reload", lost: [], afterCalls: 0 });
  await stage.settle();
  await stage.rest();
  return stage.world;
}

class Stage {
  readonly world: World & { readonly accepted: AcceptedState[] };
  readonly #render = createDeliveries();
  readonly #database: DatabaseSync;
  readonly #time: ManualClock;
  readonly #watch: Watch;
  #process: Incarnation;
  #term: Term = { retiredAt: null };
  /** Reloads of this process that are not through. */
  #reloading = 0;

  private constructor({ world, database, time, watch, process }: StageParts) {
    this.world = world;
    this.#database = database;
    this.#time = time;
    this.#watch = watch;
    this.#process = process;
    this.#run([]);
  }

  static async open(shape: Shape, watch: Watch): Promise<Stage> {
    const [time, database] = [new ManualClock(), openDatabase()];
    const own = Array.from({ length: shape.keys }, (_, n) => ({ name: "east", key: keyName(n) }));
    const robots = createRobots([...own, { name: "spare", key: keyName(9) }]);
    const world = { shape, robots, accepted: [], lost: [], atRest: { freeSlots: 0, keys: 0 } };
    return new Stage({ world, database, time, watch, process: await incarnate(database, time) });
  }

  async take(step: Step): Promise<void> {
    const { robots } = this.world;
    switch (step.kind) {
      case "arrive":
        await this.#arrive(step);
        break;
      case "pass":
        await this.#pass(step.ms);
        break;
      case "answers":
        robots.meet(keyName(step.key), step.answer, step.times);
        break;
      case "keyDies":
      case "keyReturns":
        robots.setDead(keyName(step.key), step.kind === "keyDies");
        break;
      case "crash":
        this.#process.dieAfter(step.afterCalls);
        break;
      case "reload":
        this.#process.reloadBefore(step.afterCalls, () => this.#run(step.lost));
    }
  }

  #run(lost: readonly number[]): void {
    const previous = this.#term;
    const term: Term = { retiredAt: null };
    this.#term = term;
    this.world.lost = lost;
    const process = this.#process;
    this.#reloading += 1;
    void process.run(lanesOf({ ...this.world, lost, process, render: this.#render, term })).then(() => {
      previous.retiredAt = this.#time.now();
      this.#reloading -= 1;
    });
  }

  async settle(): Promise<void> {
    const endsAt = this.#time.now() + patienceMs;
    while (this.#time.now() < endsAt) {
      await this.#quiet();
      if ((await this.#process.outbox.backlog()).length === 0) return;
      await this.#pass(Math.max(1, (this.#time.nextAt ?? endsAt) - this.#time.now()));
    }
    throw new Error(`something waits forever: ${JSON.stringify(await this.#process.outbox.backlog())}`);
  }

  async rest(): Promise<void> {
    await this.#pass(2 * windowMs);
    this.world.atRest = this.#process.standing();
  }

  async #arrive(step: Step & { readonly kind: "arrive" }): Promise<void> {
    await this.#quiet();
    for (let n = step.firstGroup; n < step.firstGroup + step.groups; n++) await this.#accept(n, step);
    await this.#quiet();
  }

  async #accept(n: number, { alerts, status, urgent }: Step & { readonly kind: "arrive" }): Promise<void> {
    const name = `${urgent ? "u" : "c"}${n}`;
    const at = this.#time.now();
    const state = this.world.accepted.length;
    const members = Array.from({ length: alerts }, (_, i) => `${name}x${i}`);
    const group = members.map((alert) =>
      alertOf({ fingerprint: alert, status, labels: { alert }, annotations: { state: String(state) } }),
    );
    const routed = routedGroup(group, { groupKey: name });
    const notification = identify({ ...routed, destination: { ...routed.destination, bot: "east", urgent } });
    const sender = { address: "127.0.0.1", userAgent: "" };
    const limits = { dedupWindowMs: 0, maxNotifications: 1e6, maxBytes: 1e9, severalBots: false, signature: null };
    await this.#process.outbox.accept([notification], { acceptedAt: at, ...limits, sender, unsent: [] });
    this.world.accepted.push(...members.map((alert) => ({ alert, state, urgent, at })));
  }

  async #pass(ms: number): Promise<void> {
    const until = this.#time.now() + ms;
    for (;;) {
      await this.#quiet();
      const [from, to] = [this.#time.now(), Math.min(until, this.#time.nextAt ?? until)];
      if (to > from && this.#process.inFlight() === 0) this.#watch(this.world, from, to);
      await this.#time.advance(Math.max(0, to - from));
      if (to >= until) break;
    }
    await this.#quiet();
  }

  /** Until whatever goes on waits for the clock; a process that died is followed by the next. */
  async #quiet(): Promise<void> {
    await this.#process.quiet();
    if (!this.#process.isDead()) {
      if (this.#process.inFlight() === 0)
        assert.equal(this.#reloading, 0, "a reload is not through though no request is on the way");
      return;
    }
    await this.#time.advance(restartMs);
    this.#process = await incarnate(this.#database, this.#time);
    this.#reloading = 0;
    this.#run(this.world.lost);
    await this.#quiet();
  }
}

interface StageParts {
  readonly world: Stage["world"];
  readonly database: DatabaseSync;
  readonly time: ManualClock;
  readonly watch: Watch;
  readonly process: Incarnation;
}
