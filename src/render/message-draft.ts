import type { Media } from "../domain/media.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { WecomMessage } from "../wecom/message.ts";

/** One WeCom message, with what it needs before it can be sent. */
export interface MessageDraft {
  readonly message: WecomMessage;
  /** Is uploaded with the key that sends the message; its id takes the place of `mediaPlaceholder`. */
  readonly media: Media | null;
  /**
   * An http(s) URL of an alert, or the configured file, whose bytes become `image.base64` and `image.md5`. Without the
   * picture the message is not sent: other messages of the delivery show the alert.
   */
  readonly picture: string | null;
}

export const mediaPlaceholder = "{media_id}";

/** A message that needs no media and no picture. */
export function plainDraft(message: WecomMessage): MessageDraft {
  return { message, media: null, picture: null };
}

/** A delivery, or some of its alerts, as messages of one kind. */
export interface RenderedParts {
  /** None when there can be no message of this kind. */
  readonly parts: readonly MessageDraft[];
  /** Every alert is named in them. */
  readonly complete: boolean;
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

export interface Rendered {
  readonly alerts: number;
  readonly mode: DeliveryMode;
  /** In the order in which they are sent; at least one. */
  readonly parts: readonly MessageDraft[];
  readonly templateFailures: readonly TemplateFailure[];
  /** Whom its messages mention: userids, mobile numbers and @all. */
  readonly mentioned: readonly string[];
  /** Names that the config asks to mention and that are nobody's; the first 20, shortened. They are alert text. */
  readonly unmentionable: readonly string[];
  /** Values that did not fit and are shown with a mark of what is missing. */
  readonly shortenedValues: number;
}

export interface TemplateFailure {
  readonly template: string;
  readonly message: string;
}

export function failureOf(template: string, error: unknown): TemplateFailure {
  return { template, message: error instanceof Error ? error.message : String(error) };
}

export function noSuchTemplate(template: string): TemplateFailure {
  return { template, message: "there is no such template" };
}
