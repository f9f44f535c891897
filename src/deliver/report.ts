import type { MessageKind } from "../domain/message-kind.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { OptionalKind, OptionalResult } from "../domain/optional-part.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { SettledDelivery } from "../outbox/lane.ts";

export type DeliveryReport =
  | {
      readonly kind: "planned";
      readonly bot: string;
      /** Its id; null when nothing needs a message. */
      readonly delivery: number | null;
      /** The first alert names, as text. */
      readonly names: string;
      readonly mode: DeliveryMode;
      /** Merged into one delivery; of each group all but the newest were superseded. */
      readonly notifications: number;
      readonly groups: number;
      /** The kind of each message, in sending order. */
      readonly kinds: readonly MessageKind[];
      readonly shortenedValues: number;
      /** Names that the config asks to mention and that are nobody's; alert text. */
      readonly unmentionable: readonly string[];
      readonly templateFailures: readonly { readonly template: string; readonly message: string }[];
    }
  | { readonly kind: "attempted"; readonly bot: string }
  | {
      readonly kind: "requestFailed";
      readonly bot: string;
      /** Of its message. */
      readonly delivery: number;
      readonly keyId: string;
      readonly reason: FailureReason;
      readonly errcode: number | null;
      readonly explanation: string;
      readonly tries: number;
      /** What happens to the message next. */
      readonly outcome: "again" | "replaced" | "reupload" | "dead" | "omitted";
      /** Epoch ms of the next try; null when there is none. */
      readonly againAt: number | null;
      readonly keyOff: boolean;
    }
  | { readonly kind: "sent"; readonly bot: string; readonly keyId: string; readonly warning: string | null }
  | {
      /** A readable answer, after failures. */
      readonly kind: "recovered";
      readonly bot: string;
      readonly keyId: string;
      /** Why the key was off; null when it was not. */
      readonly offReason: FailureReason | null;
      /** In a row, before this answer. */
      readonly failures: number;
    }
  | {
      /** An optional part has ended. */
      readonly kind: "optionalPart";
      readonly bot: string;
      readonly delivery: number;
      readonly part: OptionalKind;
      readonly result: OptionalResult;
      /** For people, without addresses; may be empty. */
      readonly detail: string;
    }
  | { readonly kind: "delivered"; readonly bot: string; readonly delivery: SettledDelivery; readonly settledAt: number }
  | { readonly kind: "inDoubt"; readonly bot: string; readonly messages: number }
  | { readonly kind: "retracted"; readonly bot: string; readonly delivery: number }
  /** All keys of the bot are off: its backlog moves to its fallback. */
  | { readonly kind: "moved"; readonly bot: string; readonly toBot: string; readonly notifications: number }
  /** Another process wrote to the lane: it is read again. */
  | { readonly kind: "laneLost"; readonly bot: string }
  | { readonly kind: "broken"; readonly bot: string; readonly cause: unknown };

export type Report = (report: DeliveryReport) => void;
