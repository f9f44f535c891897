import type { Secret } from "../config/secret.ts";
import type { Media } from "../domain/media.ts";
import type { Clock } from "../observe/clock.ts";
import type { NewMessage, Outbox } from "../outbox/store.ts";
import type { PlanSettings } from "../plan/plan.ts";
import type { MessageDraft } from "../render/message-draft.ts";
import type { Repair } from "../wecom/errcode.ts";
import type { Reply } from "../wecom/verdict.ts";
import type { RenderPlanned } from "./renderer.ts";
import type { Report } from "./report.ts";

export interface LaneOptions {
  readonly settings: LaneSettings;
  readonly process: LaneProcess;
  readonly bodies: LaneBodies;
  readonly robot: RobotAccess;
}

export interface LaneSettings extends PlanSettings {
  readonly bot: string;
  readonly keys: readonly Secret[];
  /** The bot that takes over while all keys of this one are off; null for none. */
  readonly fallback: string | null;
}

/** What all lanes of a process share. */
export interface LaneProcess {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Of stored JSON in one delivery, more if a single notification has more. */
  readonly deliveryMaxBytes: number;
  readonly report: Report;
}

/** How bodies are made and changed. */
export interface LaneBodies {
  /** Rejects with ThreadClosed when the service stops meanwhile. */
  readonly render: RenderPlanned;
  /** Fetches the pictures. A draft whose picture cannot be fetched is left out. */
  readonly complete: (drafts: readonly MessageDraft[]) => Promise<CompletedDrafts>;
  /** Bodies with the same content in a form that WeCom may accept; null when there is none. */
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
  readonly markPossiblyRepeated: (body: string) => string;
  /** Puts the id of an uploaded file where the body has its placeholder. */
  readonly withMediaId: (body: string, mediaId: string) => string;
}

export interface CompletedDrafts {
  readonly messages: readonly NewMessage[];
  /** Why each missing picture could not be fetched, without its address. */
  readonly missingPictures: readonly string[];
}

/** Requests to WeCom. Both call `mayLeave` just before the first byte is sent, and send nothing when it returns false. */
export interface RobotAccess {
  readonly send: (key: Secret, body: string, mayLeave: () => boolean) => Promise<Reply>;
  readonly upload: (key: Secret, media: Media, mayLeave: () => boolean) => Promise<Reply>;
}
