// One life of the service: lanes and worker on an outbox that outlives it, on a clock of its own. It can die in the middle of
// anything: from then on no call of the outbox and no sleep of it ever ends.

import { DatabaseSync } from "node:sqlite";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { Worker } from "../../../src/deliver/worker.ts";
import type { Clock } from "../../../src/observe/clock.ts";
import { outboxOn } from "../../../src/outbox/sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import type { Line } from "./robots.ts";

export interface Incarnation {
  readonly outbox: Outbox;
  start(lanes: readonly LaneOptions[]): void;
  readonly clock: Clock;
  lineOf(bot: string): Line;
  /** True when every lane rests, waits for an answer or is dead. */
  isQuiet(): boolean;
  /** Lanes whose request is on the way. */
  inFlight(): number;
  /** Over the keys of the bots whose keys are all up, and how many these keys are. */
  standing(): { readonly freeSlots: number; readonly keys: number };
  dieAfter(calls: number): void;
  isDead(): boolean;
}

const never = new Promise<never>(() => undefined);
const endless = new AbortController().signal;

export function openDatabase(): DatabaseSync {
  return new DatabaseSync(":memory:");
}

export async function incarnate(database: DatabaseSync, time: ManualClock): Promise<Incarnation> {
  const state = {
    diedAt: null as number | null,
    callsLeft: Number.POSITIVE_INFINITY,
    waiting: 0,
    inFlight: 0,
    lanes: 0,
  };
  const during = async <T>(passing: Promise<T>): Promise<T> => {
    state.waiting += 1;
    const result = await passing;
    state.waiting -= 1;
    return result;
  };
  const outbox = mortal(await outboxOn(database), () => {
    state.callsLeft -= 1;
    if (state.callsLeft < 0) state.diedAt ??= time.now();
    if (state.diedAt !== null) state.waiting += 1;
    return state.diedAt === null;
  });
  const clock: Clock = {
    now: () => time.now(),
    wall: () => time.now(),
    async sleep(ms, signal) {
      await during(time.sleep(ms, signal));
      if (state.diedAt !== null) await during(never);
    },
  };
  const worker = new Worker();
  return {
    outbox,
    clock,
    standing: () => {
      const up = worker.standing().filter(({ keys, keysUp }) => keys === keysUp);
      const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
      return { freeSlots: sum(up.map(({ freeSlots }) => freeSlots)), keys: sum(up.map(({ keys }) => keys)) };
    },
    start(lanes) {
      state.lanes = lanes.length;
      outbox.onWork((bots, origin) => worker.wake(bots, origin));
      void worker.run(lanes, { look: true });
    },
    lineOf: (bot) => ({
      bot,
      now: () => time.now(),
      diedAt: () => state.diedAt,
      async pass(ms) {
        state.inFlight += 1;
        await during(time.sleep(ms, endless));
        state.inFlight -= 1;
      },
    }),
    isQuiet: () => state.waiting >= state.lanes,
    inFlight: () => state.inFlight,
    dieAfter: (calls) => {
      state.callsLeft = calls;
    },
    isDead: () => state.diedAt !== null,
  };
}

/** What a dead process asked for never comes back, and was not done. */
function mortal(outbox: Outbox, lives: () => boolean): Outbox {
  return new Proxy(outbox, {
    get(inner, name) {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "onWork" || name === "accept" || name === "backlog") return Reflect.apply(member, inner, args);
        return lives() ? Reflect.apply(member, inner, args) : never;
      };
    },
  });
}
