// Measures planning of 10,000 queued alerts: the decision alone, and one whole step of a lane.

import type { QueuedHead } from "../../src/outbox/lane.ts";
import { plan } from "../../src/plan/plan.ts";
import { quantile } from "../load.ts";
import { type TimedRender, timedRender } from "../rendering.ts";
import { arrivalsOf } from "./storms.ts";

const alerts = 10_000;

export async function printPlanning(): Promise<void> {
  print("plan(), every alert a group of its own", samples(41, planHeads));
  for (const webhooks of [500, 10_000]) {
    const bodies = calmBodies(webhooks);
    const timed: TimedRender[] = [];
    for (let i = 0; i < 3; i++) timed.push(await timedRender(bodies));
    print(
      `read, plan, merge, render and store, in ${webhooks} groups`,
      timed.map(({ tookMs }) => tookMs),
    );
    print(
      "  longest block of the event loop",
      timed.map(({ heldMs }) => heldMs),
    );
  }
}

function samples(count: number, run: () => void): readonly number[] {
  return Array.from({ length: count }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  });
}

const now = Date.UTC(2026, 0, 1);

const heads: readonly QueuedHead[] = Array.from({ length: alerts }, (_, id) => {
  const instants = { acceptedAt: now - alerts + id, readyAt: now - alerts + id };
  return { id, groupId: `group ${id}`, urgent: id % 1_000 === 0, alerts: 1, ...instants };
});

function planHeads(): void {
  const slots = { freeSlots: 20, reserve: 4, digestMessages: 3, lastNormalAt: 0, lastUrgentAt: 0 };
  const planned = plan({ heads, busyGroups: new Set(), now, maxAgeMs: 21_600_000, ...slots });
  if (planned.kind !== "deliver") throw new Error("nothing was planned");
}

/** Without urgent alerts, which are delivered first and separately. */
export function calmBodies(webhooks: number): readonly string[] {
  const arrivals = arrivalsOf({ alerts, webhooks }, now);
  return arrivals.filter(({ urgent }) => !urgent).map(({ body }) => body);
}

function print(what: string, times: readonly number[]): void {
  const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10);
  console.log(`  ${what.padEnd(58)} median ${ms(quantile(times, 0.5))}  max ${ms(Math.max(...times))}`);
}
