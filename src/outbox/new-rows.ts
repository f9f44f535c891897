// The rows that a holder makes in memory.

import { createHash } from "node:crypto";
import type { Media } from "../domain/media.ts";
import type { LaneMemory } from "./lane-memory.ts";
import type { DeliveryRow, HeadRow, KeyRow, MediaRow, MessageRow } from "./rows.ts";
import type { KeyState, NewDelivery } from "./store.ts";

export function deliveryRow(memory: LaneMemory, delivery: NewDelivery, heads: readonly HeadRow[]): DeliveryRow {
  return {
    id: memory.nextId(),
    bot: memory.bot,
    mode: delivery.mode,
    urgent: delivery.urgent ? 1 : 0,
    alerts: delivery.alerts,
    bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
    accepted_at: heads.reduce((oldest, head) => Math.min(oldest, head.accepted_at), Number.POSITIVE_INFINITY),
    planned_at: delivery.plannedAt,
    settled_at: null,
    key_id: null,
    notification_ids: JSON.stringify(heads.map(({ id }) => id)),
    states: JSON.stringify(delivery.states),
  };
}

export interface FreshMessage {
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
  readonly in_doubt: number;
  readonly media_hash: string | null;
  readonly body: string;
}

export function messageRow(memory: LaneMemory, deliveryId: number, message: FreshMessage): MessageRow {
  return {
    ...message,
    id: memory.nextId(),
    delivery_id: deliveryId,
    tries: 0,
    dead: 0,
    not_before_at: 0,
    last_reason: null,
  };
}

export function keyRowOf(key: KeyState): KeyRow {
  return {
    key_id: key.keyId,
    hold_until_at: key.holdUntilAt,
    off_reason: key.offReason,
    probe_at: key.probeAt,
    failures: key.failures,
  };
}

/** One copy of a file is kept, however many messages use it. */
export function hashOf({ type, name, content }: Media): string {
  return createHash("sha256").update(`${type}\0${name}\0`).update(content).digest("base64url");
}

export function mediaRow(media: Media, createdAt: number): MediaRow {
  const { type, name, content } = media;
  return { hash: hashOf(media), type, name, created_at: createdAt, content: Buffer.from(content).toString("base64") };
}
