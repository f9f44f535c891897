// What an operator wants to see at once: whether alerts are accepted and delivered, what is queued and why. Spans and counts only,
// no alert text and no key.

import type { LaneStatus } from "../deliver/keys.ts";
import type { FailureReason, StorageReason } from "../domain/reason.ts";
import type { StorageFailure, StorageFailures, StoragePart } from "../observe/storage-health.ts";
import type { LaneBacklog, Replica } from "../outbox/store.ts";
import { nextHandover, type Rotation, shiftAt } from "../route/on-call.ts";

export const botStates = [
  "idle",
  "delivering",
  "waiting",
  "retrying",
  "someKeysRejected",
  "allKeysRejected",
  "unconfigured",
  "unknown",
] as const;

/**
 * delivering: queued work and free slots. waiting: queued work, but no free slot, or WeCom limits the rate. retrying: queued work, and
 * the last request failed. someKeysRejected, allKeysRejected: WeCom rejects some or all keys. unconfigured: work is queued for a bot that is not configured. unknown: the
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
  /** Messages that WeCom rejected and that nobody replayed or dropped yet; null when the storage does not respond. */
  readonly dead: number | null;
  readonly keys: number;
  /** WeCom took a message with these and does not reject them now. */
  readonly workingKeys: number;
  /** WeCom never took a message with these, and does not reject them: whether they work is unknown. */
  readonly untriedKeys: number;
  /** Messages a minute, over all keys. */
  readonly windowSlots: number;
  /** Of these, how many are left in this minute, whether the bot may send or not; null while another replica sends for it. */
  readonly freeSlots: number | null;
  /** Since WeCom last took a message; null for never. */
  readonly sentMsAgo: number | null;
  /** Until a key may send the next request; 0 for now, null when unknown. */
  readonly readyInMs: number | null;
  /** Why keys are off and why queued messages failed. Each once. */
  readonly reasons: readonly FailureReason[];
}

export type OverviewLevel = "ok" | "warn" | "bad";

/** Stable names of what may be wrong, the worst first. */
export const overviewCodes = [
  "webhooksRejected",
  "deliveriesNotRecorded",
  "keysRejected",
  "dead",
  "unconfigured",
  "retrying",
  "late",
  "configRefused",
  "configsDiffer",
  "someKeysRejected",
  "stopping",
] as const;

export interface OverviewProblem {
  readonly code: (typeof overviewCodes)[number];
  readonly level: "warn" | "bad";
  readonly text: string;
}

export interface Overview {
  readonly level: OverviewLevel;
  /** The text of the worst problem; without one, that all is well. */
  readonly sentence: string;
  /** The worst first. */
  readonly problems: readonly OverviewProblem[];
}

export interface ServiceStatus extends ServiceFacts {
  readonly overview: Overview;
}

/** All but the words for it. */
export interface ServiceFacts {
  readonly version: string;
  /** Messages go to the simulator: nothing leaves the machine. */
  readonly demo: boolean;
  readonly ready: boolean;
  readonly uptimeMs: number;
  readonly storage: {
    readonly engine: "sqlite" | "postgres";
    readonly answers: boolean;
    /** What cannot be stored at the moment, by the last try. */
    readonly failures: readonly StorageFailureStatus[];
  };
  readonly config: {
    /** Of the running config, as in the metric: replicas with different values run different configs. */
    readonly hash: string;
    readonly loadedMsAgo: number;
    /** Of the last reload: more than 0 when it was rejected and an older config is in use. */
    readonly refusedIssues: number;
    /** What each living replica runs; empty where there is one process. */
    readonly replicas: readonly Replica[];
  };
  readonly onCall: readonly OnCallStatus[];
  /** Configured bots in the config's order, then those that are not configured and have queued work. */
  readonly bots: readonly BotStatus[];
}

/** Of one rotation. */
export interface OnCallStatus {
  readonly rotation: string;
  readonly who: string;
  /** Until somebody else is on call; null when nobody ever is. */
  readonly endsInMs: number | null;
  readonly next: string | null;
}

export interface StorageFailureStatus {
  /** Webhooks get 503 for all but `deliveries`; a part of `backlog` stands for the webhooks of one bot. */
  readonly part: StoragePart | "backlog";
  readonly bot: string | null;
  readonly reason: StorageReason;
  /** Since the first failure in a row, and since the last one. */
  readonly sinceMsAgo: number;
  readonly lastMsAgo: number;
}

export function storageFailures({ parts, full }: StorageFailures, now: number): readonly StorageFailureStatus[] {
  const agesOf = ({ reason, sinceAt, lastAt }: StorageFailure) => {
    return { reason, sinceMsAgo: now - sinceAt, lastMsAgo: now - lastAt };
  };
  return [
    ...[...parts].map(([part, failure]) => ({ part, bot: null, ...agesOf(failure) })),
    ...[...full].map(([bot, failure]) => ({ part: "backlog" as const, bot, ...agesOf(failure) })),
  ];
}

/** @param now by the machine's clock */
export function onCallStatuses(rotations: ReadonlyMap<string, Rotation>, now: number): readonly OnCallStatus[] {
  return [...rotations].map(([name, rotation]) => {
    const next = nextHandover(rotation, now);
    return {
      rotation: name,
      who: shiftAt(rotation, now).who,
      endsInMs: next === null ? null : next.startsAt - now,
      next: next === null ? null : next.who,
    };
  });
}

/** What the storage has of the bots; null when it does not respond. */
export interface StoredStatus {
  readonly backlog: readonly LaneBacklog[];
  readonly dead: ReadonlyMap<string, number>;
}

type BotLane = LaneStatus & { readonly bot: string };

/** @param now by the outbox's clock, as all instants of lanes and backlog */
export function botStatuses(lanes: readonly BotLane[], stored: StoredStatus | null, now: number): readonly BotStatus[] {
  const configured = new Set(lanes.map(({ bot }) => bot));
  const orphans = (stored?.backlog ?? []).filter(({ bot }) => !configured.has(bot));
  return [
    ...lanes.map((lane) => configuredBot(lane, stored, now)),
    ...orphans.map((orphan) => unconfiguredBot(orphan, stored, now)),
  ];
}

function configuredBot(lane: BotLane, stored: StoredStatus | null, now: number): BotStatus {
  const queued = stored?.backlog.find((one) => one.bot === lane.bot);
  return {
    bot: lane.bot,
    state: stored === null ? "unknown" : stateOf(lane, queued !== undefined),
    notifications: stored === null ? null : (queued?.notifications ?? 0),
    oldestMs: queued === undefined ? null : ageOf(queued, now),
    dead: stored === null ? null : (stored.dead.get(lane.bot) ?? 0),
    keys: lane.keys,
    workingKeys: lane.keysUp - lane.untriedKeys,
    untriedKeys: lane.untriedKeys,
    windowSlots: lane.windowSlots,
    freeSlots: lane.freeSlots,
    sentMsAgo: lane.sentAt === 0 ? null : Math.max(0, now - lane.sentAt),
    readyInMs: lane.readyAt === null ? null : Math.max(0, lane.readyAt - now),
    reasons: lane.reasons,
  };
}

function unconfiguredBot(queued: LaneBacklog, stored: StoredStatus | null, now: number): BotStatus {
  return {
    bot: queued.bot,
    state: "unconfigured",
    notifications: queued.notifications,
    oldestMs: ageOf(queued, now),
    dead: stored?.dead.get(queued.bot) ?? 0,
    keys: 0,
    workingKeys: 0,
    untriedKeys: 0,
    windowSlots: 0,
    freeSlots: 0,
    sentMsAgo: null,
    readyInMs: null,
    reasons: [],
  };
}

function stateOf({ keys, keysUp, freeSlots, usableSlots, isRetrying }: LaneStatus, isQueued: boolean): BotState {
  if (keysUp === 0) return "allKeysRejected";
  if (keysUp < keys) return "someKeysRejected";
  if (!isQueued) return "idle";
  if (usableSlots > 0) return "delivering";
  return isRetrying && freeSlots !== 0 ? "retrying" : "waiting";
}

function ageOf({ oldestAcceptedAt }: LaneBacklog, now: number): number {
  return Math.max(0, now - oldestAcceptedAt);
}
