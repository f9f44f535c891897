// What a lane is given: its bot, the shells it works through as functions, and the stages as pure functions. Types only.

import type { Secret } from "../config/secret.ts";
import type { MessageKind } from "../domain/message-kind.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import type { Clock } from "../observe/clock.ts";
import type { Media, NewPart } from "../outbox/files.ts";
import type { Outbox } from "../outbox/store.ts";
import type { Repair } from "../wecom/errcode.ts";
import type { Reply } from "../wecom/verdict.ts";
import type { Report } from "./report.ts";

/** A body as rendered; a picture it shows is not fetched yet. */
export interface Draft {
  readonly body: string;
  readonly kind: MessageKind;
  readonly media: Media | null;
  /** Where the bytes of its image come from; null when it has none. */
  readonly picture: string | null;
}

export interface RenderedDelivery {
  readonly mode: DeliveryMode;
  /** `group`: it tells one, and in full. */
  readonly kind: "group" | "digest";
  /** At least one. */
  readonly drafts: readonly Draft[];
  /** How many they tell. */
  readonly alerts: number;
  readonly shortenedValues: number;
  readonly templateFailures: readonly { readonly template: string; readonly message: string }[];
}

export interface LaneOptions {
  readonly bot: string;
  readonly keys: readonly Secret[];
  /** The bot that takes over while no key of this one is up; null for none. */
  readonly fallback: string | null;
  /** Slots kept for urgent groups; 0 when no route to this bot is urgent. */
  readonly reserve: number;
  /** Messages a digest may take before the rest goes into a file. */
  readonly digestMessages: number;
  readonly maxAgeMs: number;
  /** Of stored JSON that one delivery may hold, more if a single notification does. */
  readonly deliveryMaxBytes: number;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: () => number;
  readonly owner: string;
  /** How long a lease lasts; longer than any request may take. */
  readonly leaseMs: number;
  /** May take longer than a lease lasts. Rejects with RenderAbandoned when the service stops meanwhile. */
  readonly render: (waiting: QueuedDelivery, now: number) => Promise<RenderedDelivery>;
  /** Fills in pictures; a draft whose picture can not be had is left out, and why is said without its address. */
  readonly complete: (
    drafts: readonly Draft[],
  ) => Promise<{ readonly parts: readonly NewPart[]; readonly missing: readonly string[] }>;
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
  readonly markPossiblyRepeated: (body: string) => string;
  /** Puts the id of an uploaded file where the body has its placeholder. */
  readonly withMediaId: (body: string, mediaId: string) => string;
  /** Both ask `mayLeave` in the last instant before the first byte goes, and send nothing when it says no. */
  readonly send: (key: Secret, body: string, mayLeave: () => boolean) => Promise<Reply>;
  readonly upload: (key: Secret, media: Media, mayLeave: () => boolean) => Promise<Reply>;
  readonly report: Report;
}
