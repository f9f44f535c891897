// The laws of a storm, over what was accepted and what reached the robots. Each throws with what broke it.

import assert from "node:assert/strict";
import { largestWindow } from "../../../src/simulator/rate.ts";
import { readTold, type Told } from "./bodies.ts";
import type { Request, Robots } from "./robots.ts";
import type { World } from "./world.ts";

const windowMs = 60_000;
const windowSlots = 20;
/** WeCom's door sees a request within this long of its answer; the service counts from the answer. */
const calmPaceMs = 12_000;
const urgentPaceMs = 15_000;
/** The longest a message backs off, and a dead key after the first refusals. */
const healthyAfterMs = 660_000;

interface Shown extends Told {
  readonly bot: string;
  readonly request: Request;
}

/** Every message the groups saw, with the file it brought. */
export function shownBy({ requests, ledger }: Robots): readonly Shown[] {
  const files = new Map(ledger.files().map(({ mediaId, text }) => [mediaId, text ?? ""]));
  return requests
    .filter(({ accepted, body }) => accepted && body !== null)
    .map((request) => {
      const { markdown, file } = JSON.parse(request.body ?? "") as {
        readonly markdown?: { readonly content: string };
        readonly file?: { readonly media_id: string };
      };
      const text = markdown?.content ?? files.get(file?.media_id ?? "") ?? "";
      return { ...readTold(text), bot: request.bot, request };
    });
}

export function everyStateIsTold(world: World, shown: readonly Shown[]): void {
  const newest = new Map<string, number>();
  for (const { alert, state } of shown.flatMap((one) => one.states)) {
    newest.set(alert, Math.max(state, newest.get(alert) ?? -1));
  }
  const lost = world.accepted.filter(({ alert, state }) => (newest.get(alert) ?? -1) < state);
  assert.deepEqual(lost, [], "accepted and neither told nor superseded by what was told");
}

export function orderIsKept(shown: readonly Shown[]): void {
  for (const inGroup of Map.groupBy(shown, ({ bot }) => bot).values()) {
    const last = new Map<string, number>();
    for (const { alert, state } of inGroup.flatMap((one) => one.states)) {
      assert.ok(state >= (last.get(alert) ?? -1), `${alert} went back from state ${last.get(alert)} to ${state}`);
      last.set(alert, state);
    }
    for (const parts of Map.groupBy(inGroup, ({ telling }) => telling).values()) {
      const numbers = parts.map(({ part }) => part);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        "parts out of order",
      );
    }
  }
}

export function noKeyExceedsItsWindow({ requests, ledger }: Robots): void {
  for (const [key, own] of Map.groupBy(requests, (request) => request.key)) {
    const arrivals = own.map(({ arrivedAt }) => arrivedAt);
    assert.ok(largestWindow(arrivals, windowMs) <= windowSlots, `${key} got more than ${windowSlots} in a window`);
  }
  assert.deepEqual(ledger.violations(), []);
}

export function oneInFlightPerKey({ requests }: Robots): void {
  for (const own of Map.groupBy(requests, ({ key }) => key).values()) {
    for (const [i, request] of own.entries()) {
      const before = own[i - 1];
      if (before === undefined || before.unseen) continue;
      assert.ok((before.answeredAt ?? 0) <= request.startedAt, "a request left before the last one was answered");
    }
  }
}

/** What is told again was in doubt, and says so; what was in no doubt is not told again and does not say so. */
export function repeatsAreMarkedAndDoubtful(world: World): void {
  const bodies = world.robots.requests.filter(({ body }) => body?.includes("markdown"));
  const plain = (request: Request) => request.body?.replace("repeated ", "") ?? "";
  for (const tries of Map.groupBy(bodies, plain).values()) {
    for (const [i, request] of tries.entries()) {
      const doubted = tries.slice(0, i).some(isInDoubt);
      const wasShown = tries.slice(0, i).some(({ accepted }) => accepted);
      const marked = request.body !== plain(request);
      assert.ok(!wasShown || doubted, `told twice without doubt: ${request.body}`);
      assert.equal(marked, doubted, `${marked ? "marked without doubt" : "not marked"}: ${request.body}`);
    }
  }
}

function isInDoubt({ answer, unseen }: Request): boolean {
  return unseen || answer === "hang" || answer === "acceptThenHang" || answer === "serverError";
}

/** A state is told by one telling, whatever became of its parts. */
export function noStateIsToldByTwo(shown: readonly Shown[]): void {
  const tellings = new Map<string, number>();
  for (const { telling, states } of shown) {
    for (const { alert, state } of states) {
      const first = tellings.get(`${alert}:${state}`) ?? telling;
      assert.equal(first, telling, `${alert}:${state} is told by two tellings`);
      tellings.set(`${alert}:${state}`, telling);
    }
  }
}

/** A calm body leaves only while more slots than the reserve are free, unless it waited for a window or probes a dead bot. */
export function theReserveIsHonoured({ shape, robots }: World): void {
  const own = robots.requests.filter(({ bot, body }) => bot === "east" && body?.includes("calm"));
  for (const request of own) {
    const { acceptedAt } = readTold(/"content":"([^"]*)"/u.exec(request.body ?? "")?.[1] ?? "");
    const waited = request.startedAt - acceptedAt >= windowMs;
    const keys = new Set(robots.requests.filter(({ bot }) => bot === "east").map(({ key }) => key));
    const refused = [...keys].some((key) => wasRefused(robots, key, request.startedAt));
    if (waited || refused) continue;
    const free = shape.keys * windowSlots - takenAt(robots, "east", request.startedAt);
    assert.ok(free > shape.reserve, `a calm body left with ${free} slots free of which ${shape.reserve} are kept`);
  }
}

function wasRefused({ requests }: Robots, key: string, at: number): boolean {
  return requests.some((one) => one.key === key && one.answer === "keyDead" && one.startedAt < at);
}

function takenAt({ requests }: Robots, bot: string, at: number): number {
  return requests.filter((one) => one.bot === bot && one.startedAt < at && (one.answeredAt ?? at) > at - windowMs)
    .length;
}

/** Watches that a bot whose keys are well never lets a slot lie idle for longer than a pace while something waits. */
export function createIdleWatch(): (world: World, from: number, to: number) => void {
  const idle = { calm: null as number | null, urgent: null as number | null };
  return (world, from, to) => {
    const { robots, shape } = world;
    const waiting = isHealthy(robots, from) ? untold(world) : [];
    const perKey = Array.from({ length: shape.keys }, (_, n) => windowSlots - takenBy(robots, n, from));
    const least = Math.min(...perKey);
    const calm = waiting.some(({ urgent }) => !urgent) && least > shape.reserve;
    const urgent = waiting.some((one) => one.urgent) && least > 0;
    idle.calm = calm ? (idle.calm ?? from) : null;
    idle.urgent = urgent ? (idle.urgent ?? from) : null;
    check(idle.calm, to, calmPaceMs, "calm");
    check(idle.urgent, to, shape.reserve === 0 ? windowMs : urgentPaceMs, "urgent");
  };
}

function check(since: number | null, to: number, paceMs: number, what: string): void {
  if (since !== null) assert.ok(to - since <= paceMs, `${what} alerts waited ${to - since} ms beside a free slot`);
}

function isHealthy({ requests }: Robots, at: number): boolean {
  return !requests.some((one) => (one.answer !== "ok" || one.unseen) && at - one.arrivedAt < healthyAfterMs);
}

function takenBy({ requests }: Robots, key: number, at: number): number {
  return requests.filter((one) => one.key.startsWith(`key${key}-`) && (one.answeredAt ?? at) > at - windowMs).length;
}

function untold({ accepted, robots }: World): World["accepted"] {
  const newest = new Map<string, number>();
  for (const { alert, state } of shownBy(robots).flatMap((one) => one.states)) {
    newest.set(alert, Math.max(state, newest.get(alert) ?? -1));
  }
  return accepted.filter(({ alert, state }) => (newest.get(alert) ?? -1) < state);
}
