import type { Media } from "../domain/media.ts";
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
