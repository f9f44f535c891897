// The laws of a storm, over what was accepted and what reached the robots. Each throws with what violates it.

import assert from "node:assert/strict";
import { largestWindow } from "../../../src/simulator/rate.ts";
import { pictureOf, type RenderedKind, readDelivered } from "./bodies.ts";
import type { Request, Robots } from "./robots.ts";
import type { World } from "./world.ts";

const windowMs = 60_000;
const windowSlots = 20;
interface Shown extends RenderedKind {
  readonly bot: string;
  readonly request: Request;
}

/** Every message that the groups saw, with the content of its file. */
export function shownBy({ requests, ledger }: Robots): readonly Shown[] {
  return requests.flatMap((request) => {
    const { accepted, body, bot } = request;
    return accepted && body !== null && pictureOf(body) === null
      ? [{ ...deliveredIn(request, ledger), bot, request }]
      : [];
  });
}

const read = new WeakMap<Request, RenderedKind>();

/** Read once: the idle watch asks again at every instant. */
function deliveredIn(request: Request, ledger: Robots["ledger"]): RenderedKind {
  const known = read.get(request);
  if (known !== undefined) return known;
  const { markdown, file } = JSON.parse(request.body ?? "{}") as {
    readonly markdown?: { readonly content: string };
    readonly file?: { readonly media_id: string };
  };
  const delivered = readDelivered(markdown?.content ?? ledger.media(file?.media_id ?? "")?.bytes.toString() ?? "");
  read.set(request, delivered);
  return delivered;
}

export function everyStateIsDelivered(world: World, shown: readonly Shown[]): void {
  const newest = newestDelivered(shown);
  const lost = world.accepted.filter(({ alert, state }) => (newest.get(alert) ?? -1) < state);
  assert.deepEqual(lost, [], "accepted and neither delivered nor superseded by what was delivered");
}

export function orderIsKept(shown: readonly Shown[]): void {
  for (const inGroup of Map.groupBy(shown, ({ bot }) => bot).values()) {
    const last = new Map<string, number>();
    for (const { alert, state } of inGroup.flatMap((one) => one.states)) {
      assert.ok(state >= (last.get(alert) ?? -1), `${alert} went back from state ${last.get(alert)} to ${state}`);
      last.set(alert, state);
    }
    for (const parts of Map.groupBy(inGroup, ({ delivery }) => delivery).values()) {
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

export function noSlotIsLost({ atRest: { freeSlots, keys } }: World): void {
  assert.equal(freeSlots, keys * windowSlots, "a slot stays taken though its window has passed");
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

/** What is sent again was in doubt, and is marked; what was not in doubt is not sent again and is not marked. */
export function repeatsAreMarkedAndDoubtful({ robots }: World): void {
  const bodies = robots.requests.filter(({ body }) => body?.includes("markdown"));
  const plain = (request: Request) => request.body?.replace("repeated ", "") ?? "";
  for (const tries of Map.groupBy(bodies, plain).values()) {
    for (const [i, request] of tries.entries()) {
      const before = tries.slice(0, i);
      const marked = request.body !== plain(request);
      const mayRepeat = before.some(({ accepted }) => accepted);
      assert.ok(!(marked || mayRepeat) || before.some(mayBeInDoubt), `sent again without doubt: ${request.body}`);
      assert.ok(marked || !(mayRepeat || before.some(hasNoAnswer)), `not marked: ${request.body}`);
    }
  }
}

/** When the process dies at the very instant of the answer, it may or may not have recorded it. */
function mayBeInDoubt(request: Request): boolean {
  return request.unseen || hasNoAnswer(request);
}

function hasNoAnswer({ answer }: Request): boolean {
  return answer === "hang" || answer === "acceptThenHang" || answer === "serverError";
}

/** A state is in one delivery only, whatever happens to its parts. */
export function noStateIsDeliveredByTwo(shown: readonly Shown[]): void {
  const deliveries = new Map<string, number>();
  for (const { delivery, states } of shown) {
    for (const { alert, state } of states) {
      const first = deliveries.get(`${alert}:${state}`) ?? delivery;
      assert.equal(first, delivery, `${alert}:${state} is in two deliveries`);
      deliveries.set(`${alert}:${state}`, delivery);
    }
  }
}

/** A reload may close the clients of the earlier lanes once the worker has replaced their options. */
export function noRequestOutlivesItsTerm({ requests }: Robots): void {
  for (const { body, answeredAt, retiredAt } of requests) {
    assert.ok(retiredAt === null || (answeredAt ?? Infinity) <= retiredAt, `answered after its lane's end: ${body}`);
  }
}

/** A calm body leaves only while more slots than the reserve are free, unless it waited for a window or probes a dead bot. */
export function theReserveIsHonoured({ shape, robots }: World): void {
  const own = robots.requests.filter(({ bot, body }) => bot === "east" && body?.includes(" normal "));
  for (const request of own) {
    const { acceptedAt } = readDelivered(/"content":"([^"]*)"/u.exec(request.body ?? "")?.[1] ?? "");
    const waited = request.startedAt - acceptedAt >= windowMs;
    const refused = request.keys.some((key) => wasRefused(robots, key, request.startedAt));
    if (waited || refused) continue;
    const free = request.keys.length * windowSlots - takenAt(robots, request);
    assert.ok(free > shape.reserve, `a calm body left with ${free} slots free of which ${shape.reserve} are kept`);
  }
}

function wasRefused({ requests }: Robots, key: string, at: number): boolean {
  return requests.some((one) => one.key === key && one.answer === "keyDead" && one.startedAt < at);
}

function takenAt({ requests }: Robots, { keys, startedAt: at }: Request): number {
  const own = requests.filter(({ key, startedAt }) => keys.includes(key) && startedAt < at);
  return own.filter(({ answeredAt }) => (answeredAt ?? at) > at - windowMs).length;
}

export function newestDelivered(shown: readonly Shown[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { alert, state } of shown.flatMap((one) => one.states)) {
    newest.set(alert, Math.max(state, newest.get(alert) ?? -1));
  }
  return newest;
}

/**
 * The picture of a delivery is sent at most once, whatever happens to it; after all messages of the delivery, while nothing that was
 * accepted before waits, and while more than half of the window is free.
 */
export function picturesAreOptional(world: World, shown: readonly Shown[]): void {
  const { requests } = world.robots;
  const pictures = requests.flatMap((request) => {
    const delivery = request.body === null ? null : pictureOf(request.body);
    return delivery === null ? [] : [{ delivery, request }];
  });
  assert.equal(new Set(pictures.map(({ delivery }) => delivery)).size, pictures.length, "a picture was sent twice");
  for (const { delivery, request } of pictures) {
    const { startedAt, bot, keys } = request;
    const before = shown.filter((one) => (one.request.answeredAt ?? Infinity) <= startedAt);
    const parts = shown.filter((one) => one.delivery === delivery);
    assert.ok(parts.length > 0 && parts.every((part) => before.includes(part)), "a picture came before its text");
    // A backlog that has moved to the fallback waits there.
    const accepted = world.shape.fallback ? [] : world.accepted.filter(({ at }) => at < startedAt);
    const newest = newestDelivered(before);
    const waiting = accepted.filter(({ alert, state }) => (newest.get(alert) ?? -1) < state);
    assert.deepEqual(waiting, [], `a picture of ${bot} left while something waited`);
    const free = keys.length * windowSlots - takenAt(world.robots, request);
    assert.ok(free > windowSlots / 2, `a picture left with ${free} slots free`);
  }
}
