// The law that is checked during a storm: while a bot works and something waits for it, no slot of it stays unused. Throws with what
// waited, and how long.

import assert from "node:assert/strict";
import { keysOf } from "./lanes.ts";
import { newestDelivered, shownBy } from "./laws.ts";
import type { Request, Robots } from "./robots.ts";
import type { World } from "./world.ts";

const windowMs = 60_000;
const windowSlots = 20;
/** How far apart the last slots open: a window over a digest of three messages and two more. */
const paceMs = 12_000;
/** The longest a message backs off, and a dead key after the first refusals. */
const healthyAfterMs = 660_000;

/** Watches that a bot whose keys are well never lets a slot lie idle for longer than a pace while something waits for it. */
export function createIdleWatch(): (world: World, from: number, to: number) => void {
  const since: Record<Sort, number | null> = { calm: null, urgent: null };
  return (world, from, to) => {
    const { requests } = world.robots;
    const waiting = isHealthy(requests, from) ? undelivered(world) : [];
    for (const sort of ["calm", "urgent"] as const) {
      const waits = waiting.some(({ urgent }) => urgent === (sort === "urgent")) && hasSlot(world, sort, from);
      const began = since[sort] ?? from;
      since[sort] = waits ? Math.max(began, lastAnswerAt(requests, sort)) : null;
      const idleMs = to - (since[sort] ?? to);
      assert.ok(idleMs <= paceMs, `${sort} alerts waited ${idleMs} ms beside a free slot`);
    }
  };
}

type Sort = "calm" | "urgent";

/**
 * On every key: the parts of a message wait for the key that carried the first. Not while a bot is gone: what waits may be its
 * own.
 */
function hasSlot(world: World, sort: Sort, at: number): boolean {
  const { robots, shape } = world;
  const kept = sort === "calm" ? shape.reserve : 0;
  const keys = keysOf("east", world);
  if (keys.length === 0 || keysOf("spare", world).length === 0) return false;
  return keys.every((n) => windowSlots - takenBy(robots, n, at) > kept);
}

/** An upload belongs to the next message. */
function lastAnswerAt(requests: readonly Request[], sort: Sort): number {
  const last = requests.findLast(
    ({ body }) => body === null || body.includes(sort === "calm" ? " normal " : " urgent ") || body.includes("file"),
  );
  return last?.answeredAt ?? 0;
}

function isHealthy(requests: readonly Request[], at: number): boolean {
  return !requests.some((one) => (one.answer !== "ok" || one.unseen) && at - one.arrivedAt < healthyAfterMs);
}

function takenBy({ requests }: Robots, key: number, at: number): number {
  return requests.filter((one) => one.key.startsWith(`key${key}-`) && (one.answeredAt ?? at) > at - windowMs).length;
}

function undelivered({ accepted, robots }: World): World["accepted"] {
  const newest = newestDelivered(shownBy(robots));
  return accepted.filter(({ alert, state }) => (newest.get(alert) ?? -1) < state);
}
