import type { Secret } from "../config/secret.ts";
import type { Alert } from "../domain/alert.ts";
import type { Media } from "../domain/media.ts";
import type { FillFailure } from "../domain/optional-part.ts";
import type { Recovery } from "../domain/recovery.ts";
import type { Clock } from "../observe/clock.ts";
import type { Outbox } from "../outbox/store.ts";
import type { PlanSettings } from "../plan/plan.ts";
import type { WantedPicture } from "../render/message-draft.ts";
import type { Repair } from "../wecom/errcode.ts";
import type { RequestGuard } from "../wecom/exchange.ts";
import type { Reply } from "../wecom/verdict.ts";
import type { FilledPartLimit } from "./filled-part-limit.ts";
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
  /** A picture or graph that is not sent within this time after its text is omitted. */
  readonly optionalMaxDelayMs: number;
  /** Its messages lead to a page where people acknowledge alerts. */
  readonly hasLinks: boolean;
}

/** What all lanes of a process share. */
export interface LaneProcess {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Of stored JSON in one delivery, more if a single notification has more. */
  readonly deliveryMaxBytes: number;
  readonly filledParts: FilledPartLimit;
  readonly report: Report;
}

/** How bodies are made and changed. */
export interface LaneBodies {
  /** Rejects with ThreadClosed when the service stops meanwhile. */
  readonly render: RenderPlanned;
  /** Fetches a picture, or draws one. */
  readonly fill: FillPart;
  /** What resolved alerts recovered to, by identity; ends with the signal, with what is known. Null without a datasource. */
  readonly recoveriesOf:
    | ((alerts: readonly Alert[], signal: AbortSignal) => Promise<ReadonlyMap<string, Recovery>>)
    | null;
  /** Bodies with the same content in a form that WeCom may accept; null when there is none. */
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
  readonly markPossiblyRepeated: (body: string) => string;
  /** Puts the id of an uploaded file where the body has its placeholder. */
  readonly withMediaId: (body: string, mediaId: string) => string;
}

/** The body of an optional part, or why there is none. */
export type FilledPart =
  | { readonly kind: "filled"; readonly body: string }
  /** `detail` is for the log and holds no address. */
  | { readonly kind: "omitted"; readonly result: FillFailure; readonly detail: string };

/** Never rejects for what alert text can cause. Ends soon after the signal. */
export type FillPart = (wanted: WantedPicture, signal: AbortSignal) => Promise<FilledPart>;

/** Requests to WeCom. */
export interface RobotAccess {
  readonly send: (key: Secret, body: string, guard: RequestGuard) => Promise<Reply>;
  readonly upload: (key: Secret, media: Media, guard: RequestGuard) => Promise<Reply>;
}
