// What it takes to plan 10,000 pending alerts: the decision alone, and one whole step of a lane that tells them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lane } from "../../src/deliver/lane.ts";
import { createIntake } from "../../src/intake.ts";
import { lanesOf } from "../../src/lanes.ts";
import { openSqlite } from "../../src/outbox/sqlite.ts";
import type { PendingHead } from "../../src/outbox/store.ts";
import { plan } from "../../src/plan/plan.ts";
import { createPictureClient } from "../../src/wecom/picture.ts";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { quantile } from "../load.ts";
import { builtInTemplates, configOf } from "./senders.ts";
import { arrivalsOf } from "./storms.ts";

const alerts = 10_000;

export async function printPlanning(): Promise<void> {
  print("plan(), every alert a group of its own", samples(41, planHeads));
  for (const webhooks of [500, 10_000]) {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push(await timedStep(webhooks));
    print(`read, plan, merge, render and store, in ${webhooks} groups`, times);
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

const heads: readonly PendingHead[] = Array.from({ length: alerts }, (_, id) => {
  const instants = { acceptedAt: now - alerts + id, readyAt: now - alerts + id };
  return { id, groupId: `group ${id}`, urgent: id % 1_000 === 0, alerts: 1, ...instants };
});

function planHeads(): void {
  const slots = { freeSlots: 20, reserve: 4, digestMessages: 3, lastCalmAt: 0, lastUrgentAt: 0 };
  const planned = plan({ heads, busyGroups: new Set(), now, maxAgeMs: 21_600_000, ...slots });
  if (planned.kind !== "tell") throw new Error("nothing was planned");
}

/** From an outbox in which all of it waits to one with the bodies that tell it; no request is made. */
async function timedStep(webhooks: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-planning-"));
  const config = configOf({ origin: "http://127.0.0.1:9", key: "bench000-5ec2-4e77-9999-000000000000", folder });
  const outbox = await openSqlite(join(folder, "outbox.db"));
  const clock = new ManualClock(now);
  await fill(outbox, config, webhooks);
  const pictures = createPictureClient({ allowPrivate: false, maxBytes: 1, timeoutMs: 1 });
  const noReply = async () => ({ kind: "failed", stage: "before", code: "NONE" }) as const;
  const [options] = lanesOf({
    ...{ config, templates: builtInTemplates(), siren: null, pictures, outbox, clock },
    ...{ random: () => 0.5, owner: "bench", leaseMs: 60_000, send: noReply, upload: noReply, report: () => undefined },
  });
  if (options === undefined) throw new Error("no bot");

  const startedAt = performance.now();
  await new Lane(options).step();
  const took = performance.now() - startedAt;

  await outbox.close();
  await pictures.close();
  rmSync(folder, { recursive: true, force: true });
  return took;
}

async function fill(
  outbox: Awaited<ReturnType<typeof openSqlite>>,
  config: ReturnType<typeof configOf>,
  webhooks: number,
): Promise<void> {
  const intake = createIntake(config);
  const bodies = arrivalsOf({ alerts, webhooks }, now).filter(({ urgent }) => !urgent);
  const limits = { dedupWindowMs: 0, maxNotifications: 100_000, maxBytes: 1e9 };
  const accepts = bodies.map(({ body }) => {
    const read = intake(Buffer.from(body), { kind: "route" });
    if (read.kind !== "notifications") throw new Error("not accepted");
    return outbox.accept(read.notifications, { acceptedAt: now - 1_000, ...limits });
  });
  await Promise.all(accepts);
}

function print(what: string, times: readonly number[]): void {
  const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10);
  console.log(`  ${what.padEnd(58)} median ${ms(quantile(times, 0.5))}  max ${ms(Math.max(...times))}`);
}
