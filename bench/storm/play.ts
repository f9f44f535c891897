// Plays one storm against one sender on a simulated clock that jumps from one event to the next, and reads from the robot what was
// delivered to the group.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { startLatencyProxy } from "./latency-proxy.ts";
import type { Sender, SenderOptions } from "./senders.ts";
import { type Arrival, arrivalsOf, instancePattern, type Storm } from "./storms.ts";

export interface Outcome extends Figures {
  /** Queries to the datasource. */
  readonly asked: number;
  readonly realMs: number;
}

interface Figures {
  readonly delivered: number;
  readonly lost: number;
  readonly messages: number;
  readonly uploads: number;
  /** From the start of the storm; NaN if nothing was delivered. */
  readonly lastDeliveredMs: number;
  /** The longest time from the webhook of an urgent alert to its message; infinite if one is lost. */
  readonly urgentMs: number;
  readonly largestWindow: number;
  /** What the group reads of each message, with its file; in order, without graphs. */
  readonly texts: readonly string[];
}

/** How long a robot takes to answer. */
const latencyMs = 100;

/** A sender that has not delivered everything by then has lost the rest. */
const patienceMs = 3_600_000;

const key = "bench000-5ec2-4e77-9999-000000000000";

export async function play(storm: Storm, start: (options: SenderOptions) => Promise<Sender>): Promise<Outcome> {
  const began = performance.now();
  const clock = new ManualClock();
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-storm-"));
  const now = () => clock.now();
  // In favour of senders that exceed the limit: a refused request does not count towards it.
  const switches = { countRejected: false };
  const simulator = await startSimulator({ robots: [{ name: "ops", key }], now, switches });
  simulator.script("ops", storm.faults ?? []);
  const proxy = await startLatencyProxy(simulator.origin, clock, latencyMs);
  const sender = await start({ origin: proxy.origin, key, clock, folder });
  const startedAt = clock.now();
  const arrivals = arrivalsOf(storm, startedAt);

  await drive(arrivals, { clock, sender, startedAt });

  const outcome = { ...read(simulator, arrivals, startedAt), asked: sender.asked() };
  await sender.stop();
  proxy.close();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
  return { ...outcome, realMs: performance.now() - began };
}

interface Driven {
  readonly clock: ManualClock;
  readonly sender: Sender;
  readonly startedAt: number;
}

async function drive(arrivals: readonly Arrival[], { clock, sender, startedAt }: Driven): Promise<void> {
  const coming = [...arrivals];
  while (clock.now() < startedAt + patienceMs) {
    await quiet(clock, sender);
    if (coming.length === 0 && (await sender.done())) return;
    const arrivesAt = coming[0] === undefined ? Number.POSITIVE_INFINITY : startedAt + coming[0].afterMs;
    const nextAt = Math.min(arrivesAt, clock.nextAt ?? Number.POSITIVE_INFINITY);
    await clock.advance(Math.max(0, nextAt - clock.now()));
    if (nextAt === arrivesAt) {
      await quiet(clock, sender);
      await sender.post(coming.shift()?.body ?? "");
    }
  }
}

/** Resolves when everything that runs waits for the clock. */
async function quiet(clock: ManualClock, sender: Sender): Promise<void> {
  while (clock.sleeping !== sender.idleSleeps()) await turn();
}

function read(simulator: Simulator, arrivals: readonly Arrival[], startedAt: number): Figures {
  const deliveredAt = deliveredInstants(simulator);
  const instances = arrivals.flatMap((arrival) => arrival.instances);
  const delivered = instances.filter((instance) => deliveredAt.has(instance));
  const urgent = arrivals.filter((arrival) => arrival.urgent);
  return {
    delivered: delivered.length,
    lost: instances.length - delivered.length,
    messages: simulator.accepted().length,
    texts: textsIn(simulator),
    uploads: simulator.files().length,
    lastDeliveredMs: Math.max(...delivered.map((instance) => (deliveredAt.get(instance) ?? 0) - startedAt)),
    urgentMs: Math.max(...urgent.map((one) => delayOf(one, deliveredAt, startedAt))),
    largestWindow: simulator.largestWindow(),
  };
}

function delayOf({ instances, afterMs }: Arrival, deliveredAt: ReadonlyMap<string, number>, startedAt: number): number {
  return Math.max(...instances.map((one) => (deliveredAt.get(one) ?? Number.POSITIVE_INFINITY) - startedAt - afterMs));
}

/** The ids of files are random. */
function textsIn(simulator: Simulator): readonly string[] {
  const files = new Map(simulator.files().map(({ mediaId, text }) => [mediaId, text ?? ""]));
  const bodies = simulator.accepted().map(({ body }) => JSON.stringify(body));
  const texts = bodies.filter((body) => !body.startsWith('{"msgtype":"image"'));
  return texts.map((text) => text.replaceAll(/(?<="media_id":")[^"]+/gu, (id) => files.get(id) ?? id));
}

/** When each instance was first delivered, in a message or in the file of a message. */
function deliveredInstants(simulator: Simulator): ReadonlyMap<string, number> {
  const files = new Map(simulator.files().map(({ mediaId, text }) => [mediaId, text ?? ""]));
  const deliveredAt = new Map<string, number>();
  for (const { at, body } of simulator.accepted()) {
    const text = JSON.stringify(body);
    const mediaIds = text.match(/(?<="media_id":")[^"]+/gu) ?? [];
    const shown = [text, ...mediaIds.map((id) => files.get(id) ?? "")];
    for (const [instance] of shown.flatMap((one) => [...one.matchAll(instancePattern)])) {
      if (!deliveredAt.has(instance)) deliveredAt.set(instance, at);
    }
  }
  return deliveredAt;
}
