// One run of the service: lanes and worker, with their own clock, on an outbox that survives them. It can die at any instant: from
// then on no call of the outbox and no sleep ever ends.

import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { Worker } from "../../../src/deliver/worker.ts";
import type { Clock } from "../../../src/observe/clock.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import type { Line } from "./robots.ts";

export interface Incarnation {
  readonly outbox: Outbox;
  /** Works for these lanes from now on; resolves when no lane works with earlier ones any more. */
  run(lanes: readonly LaneOptions[]): Promise<void>;
  readonly clock: Clock;
  lineOf(lane: Pick<Line, "bot" | "keys" | "term">): Line;
  /** Until every lane rests, waits for an answer or is dead. */
  quiet(): Promise<void>;
  /** Lanes whose request is on the way. */
  inFlight(): number;
  /** Over the keys of the bots whose keys are all up, and how many these keys are. */
  standing(): { readonly freeSlots: number; readonly keys: number };
  dieAfter(calls: number): void;
  /** Reloads once: now (0), or just before the so many-th next call of the outbox, unless it reloads otherwise before. */
  reloadBefore(calls: number, reload: () => void): void;
  isDead(): boolean;
}

const never = new Promise<never>(() => undefined);
/** A lane at work calls the outbox or waits for the clock within one turn. */
const quietTurns = 3;
const endless = new AbortController().signal;

export function openDatabase(): DatabaseSync {
  return new DatabaseSync(":memory:");
}

export async function incarnate(database: DatabaseSync, time: ManualClock): Promise<Incarnation> {
  const state = {
    diedAt: null as number | null,
    callsLeft: Number.POSITIVE_INFINITY,
    coming: null as Coming | null,
    calls: 0,
    calling: 0,
    inFlight: 0,
  };
  const called = async (call: () => Promise<unknown>): Promise<unknown> => {
    state.callsLeft -= 1;
    if (state.callsLeft < 0) state.diedAt ??= time.now();
    if (state.diedAt !== null) return never;
    state.calls += 1;
    state.calling += 1;
    comeNearer(state);
    return call().finally(() => {
      state.calling -= 1;
    });
  };
  const outbox = mortal(await outboxOn(database), called);
  const clock: Clock = {
    now: () => time.now(),
    wall: () => time.now(),
    async sleep(ms, signal) {
      await time.sleep(ms, signal);
      if (state.diedAt !== null) await never;
    },
  };
  const worker = new Worker();
  outbox.onWork((bots, origin) => worker.wake(bots, origin));
  return {
    outbox,
    clock,
    standing: () => {
      const up = worker.status([]).filter(({ keys, keysUp }) => keys === keysUp);
      const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
      return { freeSlots: sum(up.map(({ usableSlots }) => usableSlots)), keys: sum(up.map(({ keys }) => keys)) };
    },
    run: (lanes) => worker.run(lanes, { look: true }),
    lineOf: (lane) => ({
      ...lane,
      now: () => time.now(),
      diedAt: () => state.diedAt,
      async pass(ms) {
        state.inFlight += 1;
        await time.sleep(ms, endless);
        state.inFlight -= 1;
      },
    }),
    async quiet() {
      for (let still = 0, before = -1; still < quietTurns; before = state.calls) {
        await turn();
        still = state.calling === 0 && state.calls === before ? still + 1 : 0;
      }
    },
    inFlight: () => state.inFlight,
    dieAfter: (calls) => {
      state.callsLeft = calls;
    },
    reloadBefore(calls, reload) {
      state.coming = { calls, reload };
      if (calls === 0) comeNearer(state);
    },
    isDead: () => state.diedAt !== null,
  };
}

interface Coming {
  calls: number;
  readonly reload: () => void;
}

function comeNearer(state: { coming: Coming | null }): void {
  const { coming } = state;
  if (coming === null) return;
  coming.calls -= 1;
  if (coming.calls > 0) return;
  state.coming = null;
  coming.reload();
}

type Called = (call: () => Promise<unknown>) => Promise<unknown>;

/** Calls that do not wait for the disk, or that are not made by a lane. */
const free = new Set(["now", "term", "onWork", "accept", "backlog", "work", "delivered", "isOutOfDate"]);

/** What a dead process asked for never comes back, and was not done. */
function mortal<Inner extends Outbox | HeldLane>(inner: Inner, called: Called): Inner {
  return new Proxy(inner, {
    get(_, name) {
      const member: unknown = Reflect.get(inner, name, inner);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const call = () => Reflect.apply(member, inner, args);
        if (free.has(String(name))) return call();
        return name === "hold" ? called(async () => mortalLane(await call(), called)) : called(call);
      };
    },
  });
}

function mortalLane(lane: HeldLane | null, called: Called): HeldLane | null {
  return lane === null ? null : mortal(lane, called);
}
