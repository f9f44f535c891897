// The model's world: plays a script against lanes, worker and outbox as they are, on a clock that jumps to the next thing that
// happens. What is accepted and what reaches a robot is written down for the laws.

import { setImmediate as turn } from "node:timers/promises";
import { Secret } from "../../../src/config/secret.ts";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { identify } from "../../../src/route/identity.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { alertOf, routedGroup } from "../../support/waiting.ts";
import { createRender, markRepeated } from "./bodies.ts";
import { type Incarnation, incarnate, openDatabase } from "./incarnation.ts";
import { createRobots, keyName, type Robots } from "./robots.ts";
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
  /** Two windows after all is told: every slot is free again and no key rests any more. */
  atRest: { readonly freeSlots: number; readonly keys: number };
}

/** Told of every span in which nothing happens. */
export type Watch = (world: World, from: number, to: number) => void;

export const digestMessages = 3;

const windowMs = 60_000;
const restartMs = 1_000;
/** A message may back off for 450 s, a dead key for 600 s: a day is for ever. */
const patienceMs = 86_400_000;

/** Plays the script, then heals everything and waits until nothing waits. Throws when something still does. */
export async function play({ shape, steps }: Script, watch: Watch): Promise<World> {
  const stage = await Stage.open(shape, watch);
  for (const step of steps) await stage.take(step);
  stage.world.robots.heal();
  await stage.settle();
  await stage.rest();
  return stage.world;
}

class Stage {
  readonly world: World & { readonly accepted: AcceptedState[] };
  readonly #time: ManualClock;
  readonly #watch: Watch;
  readonly #begin: () => Promise<Incarnation>;
  #process: Incarnation;

  private constructor(options: Pick<Stage, "world"> & Omit<StageParts, "shape">) {
    this.world = options.world;
    this.#time = options.time;
    this.#watch = options.watch;
    this.#begin = options.begin;
    this.#process = options.process;
  }

  static async open(shape: Shape, watch: Watch): Promise<Stage> {
    const time = new ManualClock();
    const own = Array.from({ length: shape.keys }, (_, n) => ({ name: "east", key: keyName(n) }));
    const robots = createRobots([...own, { name: "spare", key: keyName(9) }]);
    const database = openDatabase();
    const render = createRender(digestMessages);
    const begin = async () => {
      const process = await incarnate(database, time);
      const keys = own.map(({ key }) => new Secret(key));
      const common = { process, robots, render, shape };
      const east = laneOf({ ...common, bot: "east", keys, fallback: shape.fallback ? "spare" : null });
      process.start([east, laneOf({ ...common, bot: "spare", keys: [new Secret(keyName(9))], fallback: null })]);
      return process;
    };
    return new Stage({
      world: { shape, robots, accepted: [], atRest: { freeSlots: 0, keys: 0 } },
      time,
      watch,
      begin,
      process: await begin(),
    });
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
    }
  }

  async settle(): Promise<void> {
    const endsAt = this.#time.now() + patienceMs;
    while (this.#time.now() < endsAt) {
      await this.#quiet();
      if ((await this.#process.outbox.backlog()).length === 0) return;
      await this.#pass(Math.max(1, (this.#time.nextAt ?? endsAt) - this.#time.now()));
    }
    throw new Error(`something waits for ever: ${JSON.stringify(await this.#process.outbox.backlog())}`);
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
      alertOf({ fingerprint: alert, status, labels: { alert, state: String(state) } }),
    );
    const routed = routedGroup(group, { groupKey: name });
    const notification = identify({ ...routed, destination: { ...routed.destination, bot: "east", urgent } });
    const limits = { dedupWindowMs: 0, maxNotifications: 1e6, maxBytes: 1e9 };
    await this.#process.outbox.accept([notification], { acceptedAt: at, ...limits });
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
    while (!this.#process.isQuiet()) await turn();
    if (!this.#process.isDead()) return;
    await this.#time.advance(restartMs);
    this.#process = await this.#begin();
    await this.#quiet();
  }
}

interface StageParts {
  readonly shape: Shape;
  readonly time: ManualClock;
  readonly watch: Watch;
  readonly begin: () => Promise<Incarnation>;
  readonly process: Incarnation;
}

interface LaneParts extends Pick<LaneOptions, "bot" | "keys" | "fallback" | "render"> {
  readonly process: Incarnation;
  readonly robots: Robots;
  readonly shape: Shape;
}

function laneOf({ bot, keys, fallback, render, process, robots, shape }: LaneParts): LaneOptions {
  const line = process.lineOf(bot);
  return {
    ...{ bot, keys, fallback, render, digestMessages, outbox: process.outbox, clock: process.clock },
    ...{ reserve: shape.reserve, maxAgeMs: shape.maxAgeMs, random: () => 0.5, owner: "model", leaseMs: 3_600_000 },
    complete: async (drafts) => ({ parts: drafts.map(({ body, media }) => ({ body, media })), missing: 0 }),
    repair: () => null,
    markPossiblyRepeated: markRepeated,
    withMediaId: (body, mediaId) => body.replace("{media_id}", mediaId),
    send: (key, body) => robots.send(line, key, body),
    upload: (key, media) => robots.upload(line, key, media),
    report: (one) => {
      if (one.kind === "broken") throw one.cause;
    },
  };
}
