// What the holder of a lane knows of it: read once, then kept in step by its own writes. Pure.

import { isDeepStrictEqual } from "node:util";
import { type DeliveredState, type DeliveredStates, isSameInstance, startsAgain } from "../domain/instance.ts";
import type { LoadedLane } from "./engine.ts";
import type { KeyState, LaneWork, MediaId, QueuedHead, SettledDelivery, StoredMessage } from "./lane.ts";
import type { AttemptRow, DeliveryRow, HeadRow, KeyRow, MediaIdRow, MessageRow, StateRow } from "./rows.ts";

export interface OpenDelivery {
  row: DeliveryRow;
  readonly heads: readonly HeadRow[];
  /** Those that are left, dead ones too, in sending order. */
  messages: readonly MessageRow[];
}

const minuteMs = 60_000;

export class LaneMemory {
  readonly bot: string;
  /** Unique over all bots and processes. */
  readonly nextId: () => number;
  version: number;
  normalAt: number;
  urgentAt: number;
  /** Waiting ones, by id. */
  readonly heads = new Map<number, HeadRow>();
  /** Open ones, in the order in which they were planned. */
  readonly deliveries = new Map<number, OpenDelivery>();
  readonly attempts = new Map<number, AttemptRow>();
  readonly keys: Map<string, KeyRow>;
  readonly keyVersions: Map<string, number>;
  mediaIds: readonly MediaIdRow[];
  readonly #states = new Map<string, Map<string, readonly DeliveredState[]>>();
  /** Ids of the notifications of open deliveries. */
  readonly #planned = new Set<number>();
  /** In order of acceptance; null when `heads` has changed. */
  #pending: readonly QueuedHead[] | null = null;

  constructor(bot: string, loaded: LoadedLane, nextId: () => number) {
    this.bot = bot;
    this.nextId = nextId;
    this.version = loaded.lane?.version ?? 0;
    this.normalAt = loaded.lane?.normal_at ?? 0;
    this.urgentAt = loaded.lane?.urgent_at ?? 0;
    for (const head of loaded.heads) this.heads.set(head.id, head);
    const messages = Map.groupBy(loaded.messages, ({ delivery_id }) => delivery_id);
    for (const row of loaded.deliveries) {
      this.addDelivery(row, JSON.parse(row.notification_ids) as readonly number[], messages.get(row.id) ?? []);
    }
    for (const attempt of loaded.attempts) this.attempts.set(attempt.id, attempt);
    this.keys = new Map(loaded.keys.map((key) => [key.key_id, key]));
    this.keyVersions = new Map(loaded.windows.map(({ key_id, version }) => [key_id, version]));
    this.mediaIds = loaded.mediaIds;
    for (const row of loaded.states) this.#putState(deliveredStateOf(row));
  }

  /** Does nothing when it is planned already. */
  addHead(head: HeadRow): void {
    if (this.#planned.has(head.id)) return;
    this.heads.set(head.id, head);
    this.#pending = null;
  }

  /** Its notifications wait no more. */
  addDelivery(row: DeliveryRow, notificationIds: readonly number[], messages: readonly MessageRow[]): void {
    const heads = notificationIds.flatMap((id) => this.heads.get(id) ?? []);
    for (const { id } of heads) {
      this.heads.delete(id);
      this.#planned.add(id);
    }
    this.deliveries.set(row.id, { row, heads, messages });
    this.#pending = null;
  }

  removeDelivery({ row, heads }: OpenDelivery): void {
    this.deliveries.delete(row.id);
    for (const { id } of heads) this.#planned.delete(id);
  }

  /** Its notifications wait again. */
  takeBack(delivery: OpenDelivery): void {
    this.removeDelivery(delivery);
    for (const head of delivery.heads) this.addHead(head);
  }

  removeHeads(heads: readonly HeadRow[]): void {
    for (const { id } of heads) this.heads.delete(id);
    this.#pending = null;
  }

  /** Not a copy: one would cost each message milliseconds for every ten thousand alerts of the bot. */
  delivered(): DeliveredStates {
    return this.#states;
  }

  /** Replaces that of the same instance, whichever HA peer sent it. */
  keepState(state: DeliveredState): StateRow {
    const known = this.#statesLike(state).filter((one) => isSameInstance(one, state));
    const same = known.find(({ origin }) => origin === state.origin) ?? known[0] ?? state;
    const startsAt = startsAgain(state, same) ? state.startsAt : same.startsAt;
    const kept = { ...state, origin: same.origin, startsAt };
    this.#putState(kept);
    return stateRowOf(this.bot, kept);
  }

  forgetStates(deliveredBefore: number): void {
    for (const [destination, byIdentity] of this.#states) {
      for (const [identity, states] of byIdentity) {
        const kept = states.filter(({ deliveredAt }) => deliveredAt >= deliveredBefore);
        if (kept.length === 0) byIdentity.delete(identity);
        else byIdentity.set(identity, kept);
      }
      if (byIdentity.size === 0) this.#states.delete(destination);
    }
  }

  #statesLike({ destination, identity }: DeliveredState): readonly DeliveredState[] {
    return this.#states.get(destination)?.get(identity) ?? [];
  }

  #putState(state: DeliveredState): void {
    const others = this.#statesLike(state).filter(({ origin }) => origin !== state.origin);
    const byIdentity = this.#states.get(state.destination) ?? new Map<string, readonly DeliveredState[]>();
    this.#states.set(state.destination, byIdentity.set(state.identity, [...others, state]));
  }

  /** Planned ones too. */
  get notifications(): number {
    return this.heads.size + this.#planned.size;
  }

  messageOf(id: number | null): { readonly delivery: OpenDelivery; readonly message: MessageRow } | null {
    for (const delivery of this.deliveries.values()) {
      const message = delivery.messages.find((one) => one.id === id && one.dead === 0);
      if (message !== undefined) return { delivery, message };
    }
    return null;
  }

  /** Returns the row if it changes anything but the second of `sent_at`: after almost every answer it does not. */
  changeKey({ keyId, holdUntilAt, offReason, probeAt, failures, sentAt }: KeyState): readonly KeyRow[] {
    const unused = { key_id: keyId, hold_until_at: 0, off_reason: null, probe_at: 0, failures: 0, sent_at: 0 };
    const row = { ...unused, hold_until_at: holdUntilAt, off_reason: offReason, probe_at: probeAt, failures };
    const known = this.keys.get(keyId) ?? unused;
    this.keys.set(keyId, { ...row, sent_at: sentAt });
    const isInSameMinute = Math.floor(known.sent_at / minuteMs) === Math.floor(sentAt / minuteMs);
    if (isInSameMinute && isDeepStrictEqual({ ...known, sent_at: 0 }, row)) return [];
    return [{ ...row, sent_at: sentAt }];
  }

  /** Attempts of this lane without an answer. */
  openAttempts(): readonly AttemptRow[] {
    return [...this.attempts.values()].filter((one) => one.bot === this.bot && one.answered_at === null);
  }

  /** Ids of messages whose request is in flight. */
  sending(): ReadonlySet<number> {
    return new Set(this.openAttempts().flatMap((one) => (one.upload === 0 ? (one.message_id ?? []) : [])));
  }

  forgetAttempts(answeredUntilAt: number): void {
    for (const { id, answered_at } of this.attempts.values()) {
      if (answered_at !== null && answered_at <= answeredUntilAt) this.attempts.delete(id);
    }
  }

  work(maxHeads: number): LaneWork {
    const sending = this.sending();
    const open = [...this.deliveries.values()];
    return {
      pending: this.#pendingHeads(maxHeads),
      messages: open.flatMap((delivery) => storedMessages(delivery, sending)),
      attempts: [...this.attempts.values()].map((one) => {
        return { keyId: one.key_id, startedAt: one.started_at, answeredAt: one.answered_at };
      }),
      keys: [...this.keys.values()].map(keyStateOf),
      busyGroups: new Set(open.flatMap(({ heads }) => heads.map((head) => head.group_id))),
      lastNormalAt: this.normalAt,
      lastUrgentAt: this.urgentAt,
      mediaIds: this.mediaIds.filter((row) => row.expires_at > 0).map(mediaIdOf),
    };
  }

  #pendingHeads(maxHeads: number): readonly QueuedHead[] {
    this.#pending ??= [...this.heads.values()].sort((a, b) => a.id - b.id).map(queuedHeadOf);
    if (this.#pending.length <= maxHeads) return this.#pending;
    const urgent = this.#pending.filter((head) => head.urgent).slice(0, maxHeads);
    const others = this.#pending.filter((head) => !head.urgent).slice(0, maxHeads - urgent.length);
    return [...urgent, ...others].sort((a, b) => a.id - b.id);
  }
}

/**
 * Nothing of it can have been delivered, and nothing is on its way. Places have no gaps: a missing one was sent. When a lost holder
 * sent it, that is all that is known of it.
 */
export function isRetractable(
  { row, messages }: { readonly row: DeliveryRow; readonly messages: readonly MessageRow[] },
  sending: ReadonlySet<number>,
): boolean {
  const last = messages.reduce((place, message) => Math.max(place, message.place), 0);
  const isWhole = row.key_id === null && messages.length === last;
  return isWhole && messages.every(({ id, in_doubt }) => in_doubt === 0 && !sending.has(id));
}

/** `heads` may be fewer: of a delivery that was being closed when its holder died, some are closed already. */
export function settledDelivery({ row, heads, messages }: OpenDelivery): SettledDelivery {
  return {
    id: row.id,
    groupIds: [...new Set(heads.map((head) => head.group_id))],
    mode: row.mode,
    notifications: (JSON.parse(row.notification_ids) as readonly number[]).length,
    alerts: row.alerts,
    acceptedAt: row.accepted_at,
    failures: messages.flatMap(({ dead, last_reason }) => (dead === 1 && last_reason !== null ? [last_reason] : [])),
    keyId: row.key_id,
  };
}

function stateRowOf(bot: string, state: DeliveredState): StateRow {
  const { destination, identity, origin, status, startsAt, deliveredAt } = state;
  return { bot, destination, identity, origin: origin ?? "", status, starts_at: startsAt, delivered_at: deliveredAt };
}

function deliveredStateOf(row: StateRow): DeliveredState {
  return {
    destination: row.destination,
    identity: row.identity,
    origin: row.origin === "" ? null : row.origin,
    status: row.status,
    startsAt: row.starts_at,
    deliveredAt: row.delivered_at,
  };
}

function storedMessages(delivery: OpenDelivery, sending: ReadonlySet<number>): readonly StoredMessage[] {
  const { row } = delivery;
  const retractable = isRetractable(delivery, sending);
  return delivery.messages
    .filter(({ dead }) => dead === 0)
    .map((message) => ({
      id: message.id,
      deliveryId: row.id,
      urgent: row.urgent === 1,
      state: sending.has(message.id) ? "sending" : "ready",
      part: message.part,
      body: message.body,
      tries: message.tries + (sending.has(message.id) ? 1 : 0),
      repairs: message.repairs,
      inDoubt: message.in_doubt === 1,
      notBeforeAt: message.not_before_at,
      lastReason: message.last_reason,
      keyId: row.key_id,
      mediaHash: message.media_hash,
      plannedAt: row.planned_at,
      acceptedAt: row.accepted_at,
      retractable,
    }));
}

function queuedHeadOf(head: HeadRow): QueuedHead {
  return {
    id: head.id,
    groupId: head.group_id,
    urgent: head.urgent === 1,
    acceptedAt: head.accepted_at,
    readyAt: head.ready_at,
    alerts: head.alerts,
  };
}

export function keyStateOf(key: KeyRow): KeyState {
  return {
    keyId: key.key_id,
    holdUntilAt: key.hold_until_at,
    offReason: key.off_reason,
    probeAt: key.probe_at,
    failures: key.failures,
    sentAt: key.sent_at,
  };
}

function mediaIdOf(row: MediaIdRow): MediaId {
  return { keyId: row.key_id, mediaHash: row.media_hash, mediaId: row.media_id, expiresAt: row.expires_at };
}
