// Measures one step of a lane: from queued notifications to rendered and stored messages. No request is made.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FilledPartLimit } from "../src/deliver/filled-part-limit.ts";
import { Lane } from "../src/deliver/lane.ts";
import { RenderThread } from "../src/deliver/render-thread.ts";
import { createRenderer } from "../src/deliver/renderer.ts";
import { routedGroupText } from "../src/domain/notification.ts";
import { Datasources } from "../src/graph/datasource/datasources.ts";
import { createIntake } from "../src/intake.ts";
import { openSqlite } from "../src/outbox/sqlite/open-sqlite.ts";
import { baseSettingsOf } from "../src/render/settings.ts";
import { lanesOf } from "../src/runtime.ts";
import { ManualClock } from "../test/support/manual-clock.ts";
import { builtInTemplates, configOf } from "./storm/senders.ts";

export interface TimedRender extends Timing {
  readonly messages: number;
}

interface Timing {
  readonly tookMs: number;
  /** CPU time of all threads; other processes disturb it less. */
  readonly cpuMs: number;
  /** The longest time that the event loop was blocked. */
  readonly heldMs: number;
  /** The CPU time in it: how long it would be on an idle machine. */
  readonly turnMs: number;
}

const now = Date.UTC(2026, 0, 1);
const smallBody = JSON.stringify({ alerts: [{ status: "firing", labels: { alertname: "NodeUnreachable" } }] });

/** Bodies that are refused, as hostile ones may be, are left out. */
export async function timedRender(bodies: readonly (string | Buffer)[], route = ""): Promise<TimedRender> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-delivery-"));
  const key = "bench000-5ec2-4e77-9999-000000000000";
  const config = configOf({ origin: "http://127.0.0.1:9", key, folder, route });
  const outbox = await openSqlite(join(folder, "outbox.db"));
  await fill(outbox, config, bodies);
  const noReply = async () => ({ kind: "failed", stage: "before", code: "NONE" }) as const;
  const settings = baseSettingsOf({ ...config, actionLinks: null, voiceClip: null });
  const templates = builtInTemplates();
  const thread = new RenderThread({ sources: templates.sources, rotations: templates.rotations, settings });
  // A running service has started its thread already, and the thread has rendered a digest.
  await thread.render({
    bot: "ops",
    late: false,
    urgent: false,
    mostInFull: 0,
    acknowledgements: [],
    groups: [[{ id: 1, acceptedAt: now, body: smallGroup(config) }]],
    delivered: new Map(),
    plannedAt: now,
    wallAt: now,
    recoveries: new Map(),
  });
  let messages = 0;
  const [options] = lanesOf({
    config,
    fill: () => Promise.reject(new Error("nothing is optional")),
    datasources: new Datasources([], new ManualClock(now)),
    render: createRenderer({ templates, settings, thread }),
    process: {
      outbox,
      clock: new ManualClock(now),
      random: () => 0.5,
      deliveryMaxBytes: 32 * 2 ** 20,
      filledParts: new FilledPartLimit(),
      report: (one) => {
        if (one.kind === "broken") throw one.cause;
        if (one.kind === "planned") messages += one.kinds.length;
      },
    },
    robot: { send: noReply, upload: noReply },
  });
  if (options === undefined) throw new Error("no bot");

  const timed = await whileWatched(() => new Lane(options, () => undefined).step());

  await outbox.close();
  await thread.close();
  rmSync(folder, { recursive: true, force: true });
  return { ...timed, messages };
}

async function whileWatched(work: () => Promise<unknown>): Promise<Timing> {
  const watch = watchTurns();
  await delay(20);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await work();
  const tookMs = performance.now() - startedAt;
  const cpuMs = inMs(process.cpuUsage(cpuBefore));
  await delay(20);
  return { tookMs, cpuMs, ...watch.stop() };
}

/** The delay of a timer of 1 ms shows how long the loop was blocked. */
export function watchTurns() {
  let heldMs = 0;
  let turnMs = 0;
  let lastAt = performance.now();
  let lastCpu = threadCpuMs();
  const timer = setInterval(() => {
    heldMs = Math.max(heldMs, performance.now() - lastAt);
    turnMs = Math.max(turnMs, threadCpuMs() - lastCpu);
    lastAt = performance.now();
    lastCpu = threadCpuMs();
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return { heldMs, turnMs };
    },
  };
}

export function threadCpuMs(): number {
  // Linux adds to the time of a running thread at its clock ticks, every 4 ms, and whenever that of the process is read.
  process.cpuUsage();
  return inMs(process.threadCpuUsage());
}

function inMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

function smallGroup(config: ReturnType<typeof configOf>): string {
  const read = createIntake(config)({ bytes: Buffer.from(smallBody), charset: null }, { kind: "route" }, now);
  if (read.kind !== "notifications" || read.notifications[0] === undefined) throw new Error("no alert");
  return routedGroupText(read.notifications[0].routed);
}

async function fill(
  outbox: Awaited<ReturnType<typeof openSqlite>>,
  config: ReturnType<typeof configOf>,
  bodies: readonly (string | Buffer)[],
): Promise<void> {
  const intake = createIntake(config);
  const sender = { address: "127.0.0.1", userAgent: "" };
  const limits = { dedupWindowMs: 0, maxNotifications: 100_000, maxBytes: 1e9, severalBots: false, signature: null };
  const accepts = bodies.map((body) => {
    const read = intake({ bytes: Buffer.from(body), charset: null }, { kind: "route" }, now);
    if (read.kind !== "notifications") return null;
    return outbox.accept(read.notifications, { acceptedAt: now - 1_000, ...limits, sender, unsent: [] });
  });
  await Promise.all(accepts);
}
