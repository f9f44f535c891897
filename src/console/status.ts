// What an operator wants to see at once: whether alerts are accepted and delivered, what is queued and why. Spans and counts only,
// no alert text and no key.

import type { LaneStatus } from "../deliver/keys.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { LaneBacklog } from "../outbox/store.ts";

export const botStates = [
  "idle",
  "delivering",
  "waiting",
  "someKeysRejected",
  "allKeysRejected",
  "unconfigured",
  "unknown",
] as const;

/**
 * delivering: queued work and free slots. waiting: queued work, but no free slot, or the keys are on hold. someKeysRejected,
 * allKeysRejected: WeCom rejects some or all keys. unconfigured: work is queued for a bot that is not configured. unknown: the
 * storage does not respond.
 */
export type BotState = (typeof botStates)[number];

export interface BotStatus {
  readonly bot: string;
  readonly state: BotState;
  /** Queued ones; null when the storage does not respond. */
  readonly notifications: number | null;
  /** Age of the oldest queued one; null when none is queued or the storage does not respond. */
  readonly oldestMs: number | null;
  readonly keys: number;
  /** Keys that are not off. A key on hold counts. */
  readonly workingKeys: number;
  /** Over all keys; 0 while they are on hold. */
  readonly freeSlots: number;
  /** Until a key may send the next request; 0 for now, null when unknown. */
  readonly readyInMs: number | null;
  /** Why keys are off and why queued messages failed. Each once. */
  readonly reasons: readonly FailureReason[];
}

export interface ServiceStatus {
  readonly version: string;
  /** Messages go to the simulator: nothing leaves the machine. */
  readonly demo: boolean;
  readonly ready: boolean;
  readonly uptimeMs: number;
  readonly storage: { readonly engine: "sqlite" | "postgres"; readonly answers: boolean };
  readonly config: {
    /** Of the running config, as in the metric: replicas with different values run different configs. */
    readonly hash: string;
    readonly loadedMsAgo: number;
    /** Of the last reload: more than 0 when it was rejected and an older config is in use. */
    readonly refusedIssues: number;
  };
  /** Configured bots in the config's order, then those that are not configured and have queued work. */
  readonly bots: readonly BotStatus[];
}

type BotLane = LaneStatus & { readonly bot: string };

/**
 * @param backlog null when the storage does not respond
 * @param now by the outbox's clock, as all instants of lanes and backlog
 */
export function botStatuses(
  lanes: readonly BotLane[],
  backlog: readonly LaneBacklog[] | null,
  now: number,
): readonly BotStatus[] {
  const configured = new Set(lanes.map(({ bot }) => bot));
  const orphans = (backlog ?? []).filter(({ bot }) => !configured.has(bot));
  return [
    ...lanes.map((lane) => configuredBot(lane, backlog, now)),
    ...orphans.map((orphan) => unconfiguredBot(orphan, now)),
  ];
}

function configuredBot(lane: BotLane, backlog: readonly LaneBacklog[] | null, now: number): BotStatus {
  const queued = backlog?.find((one) => one.bot === lane.bot);
  return {
    bot: lane.bot,
    state: backlog === null ? "unknown" : stateOf(lane, queued !== undefined),
    notifications: backlog === null ? null : (queued?.notifications ?? 0),
    oldestMs: queued === undefined ? null : ageOf(queued, now),
    keys: lane.keys,
    workingKeys: lane.keysUp,
    freeSlots: lane.freeSlots,
    readyInMs: lane.readyAt === null ? null : Math.max(0, lane.readyAt - now),
    reasons: lane.reasons,
  };
}

function unconfiguredBot(queued: LaneBacklog, now: number): BotStatus {
  return {
    bot: queued.bot,
    state: "unconfigured",
    notifications: queued.notifications,
    oldestMs: ageOf(queued, now),
    keys: 0,
    workingKeys: 0,
    freeSlots: 0,
    readyInMs: null,
    reasons: [],
  };
}

function stateOf({ keys, keysUp, freeSlots }: LaneStatus, isQueued: boolean): BotState {
  if (keysUp === 0) return "allKeysRejected";
  if (keysUp < keys) return "someKeysRejected";
  if (!isQueued) return "idle";
  return freeSlots > 0 ? "delivering" : "waiting";
}

function ageOf({ oldestAcceptedAt }: LaneBacklog, now: number): number {
  return Math.max(0, now - oldestAcceptedAt);
}
