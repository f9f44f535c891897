// What an operator wants to know at a glance: does it take alerts, does it tell them, what waits and why. In: how lanes stand and
// what the outbox holds; out: one value, of spans and counts only. No alert text and no key is in it.

import type { LaneStatus } from "../deliver/lane-status.ts";
import type { LaneBacklog } from "../outbox/store.ts";

export const botStates = ["idle", "delivery", "waiting", "keysOff", "noKeyUp", "unconfigured", "unknown"] as const;

/**
 * delivery: work and slots. waiting: work, and no slot yet, or the keys rest. keysOff: WeCom refuses some of its keys. noKeyUp: all of them, and its
 * alerts wait. unconfigured: alerts wait for a bot that no config names. unknown: the storage does not answer.
 */
export type BotState = (typeof botStates)[number];

export interface BotStatus extends Omit<LaneStatus, "readyAt"> {
  readonly bot: string;
  readonly state: BotState;
  /** Notifications not told yet; null when the storage does not answer. */
  readonly notifications: number | null;
  /** Age of the oldest of them; null when none waits, or nobody knows. */
  readonly oldestMs: number | null;
  /** Until a key may carry the next request; 0 for now, null when nobody knows. */
  readonly readyInMs: number | null;
}

export interface ServiceStatus {
  readonly version: string;
  /** Messages go to the simulator: nothing leaves the machine. */
  readonly demo: boolean;
  readonly ready: boolean;
  readonly uptimeMs: number;
  readonly storage: { readonly engine: "sqlite" | "postgres"; readonly answers: boolean };
  readonly config: {
    /** Of the running one, as in the metric: replicas with different values run different configs. */
    readonly hash: string;
    readonly loadedMsAgo: number;
    /** Of the last reload: more than 0 when it was refused and an older config runs. */
    readonly refusedIssues: number;
  };
  /** Those of the config in its order, then those that something waits for and no config names. */
  readonly bots: readonly BotStatus[];
}

export interface StatusSources extends Omit<ServiceStatus, "bots" | "storage"> {
  readonly engine: ServiceStatus["storage"]["engine"];
  readonly lanes: readonly (LaneStatus & { readonly bot: string })[];
  /** Null when the storage does not answer. */
  readonly backlog: readonly LaneBacklog[] | null;
  /** Of the outbox: what the lanes and the backlog are dated with. */
  readonly now: number;
}

export function statusOf({ engine, lanes, backlog, now, ...rest }: StatusSources): ServiceStatus {
  const configured = new Set(lanes.map(({ bot }) => bot));
  const strangers = (backlog ?? []).filter(({ bot }) => !configured.has(bot));
  return {
    ...rest,
    storage: { engine, answers: backlog !== null },
    bots: [...lanes.map((lane) => botStatus(lane, backlog, now)), ...strangers.map((one) => unconfigured(one, now))],
  };
}

function botStatus(
  { bot, readyAt, ...lane }: LaneStatus & { readonly bot: string },
  backlog: readonly LaneBacklog[] | null,
  now: number,
): BotStatus {
  const readyInMs = readyAt === null ? null : Math.max(0, readyAt - now);
  if (backlog === null) return { bot, state: "unknown", notifications: null, oldestMs: null, ...lane, readyInMs };
  const own = backlog.find((one) => one.bot === bot);
  return { bot, state: stateOf(lane, own !== undefined), ...waitOf(own, now), ...lane, readyInMs };
}

function stateOf({ keys, keysUp, freeSlots }: Omit<LaneStatus, "readyAt">, somethingWaits: boolean): BotState {
  if (keysUp === 0) return "noKeyUp";
  if (keysUp < keys) return "keysOff";
  if (!somethingWaits) return "idle";
  return freeSlots > 0 ? "delivery" : "waiting";
}

function unconfigured(own: LaneBacklog, now: number): BotStatus {
  const lane = { keys: 0, keysUp: 0, freeSlots: 0, readyInMs: null, reasons: [] };
  return { bot: own.bot, state: "unconfigured", ...waitOf(own, now), ...lane };
}

function waitOf(own: LaneBacklog | undefined, now: number): Pick<BotStatus, "notifications" | "oldestMs"> {
  if (own === undefined) return { notifications: 0, oldestMs: null };
  return { notifications: own.notifications, oldestMs: Math.max(0, now - own.oldestAcceptedAt) };
}
