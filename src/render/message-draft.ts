import type { Alert } from "../domain/alert.ts";
import type { Media } from "../domain/media.ts";
import type { Language } from "../domain/message-kind.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { WecomMessage } from "../wecom/message.ts";

/** One WeCom message, with what it needs before it can be sent. */
export interface MessageDraft {
  readonly message: WecomMessage;
  /** Is uploaded with the key that sends the message; its id takes the place of `mediaPlaceholder`. */
  readonly media: Media | null;
  /**
   * Its bytes become `image.base64` and `image.md5`. The message is an optional part: it is sent after all others, which show the
   * alerts, or not at all. Null for a message that needs none.
   */
  readonly picture: WantedPicture | null;
}

/** Can be cloned: it may come from the render thread. */
export type WantedPicture = LocatedPicture | WantedGraph;

export interface LocatedPicture {
  readonly kind: "picture";
  /** An http(s) URL of an alert, or the path of the configured file. */
  readonly location: string;
}

/** The graph that a datasource has of these alerts. */
export interface WantedGraph {
  readonly kind: "graph";
  readonly alerts: readonly Alert[];
  readonly language: Language;
  /** IANA name. */
  readonly timezone: string;
  /** Path of the picture in its place when there is no graph; null for none. */
  readonly otherwise: string | null;
}

/** An image message whose bytes are made later. */
export function pictureDraft(picture: WantedPicture): MessageDraft {
  return { message: { msgtype: "image", image: { base64: "", md5: "" } }, media: null, picture };
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
  /** In the order in which they are sent; at least one that is not optional. */
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
