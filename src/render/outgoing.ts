// One message to send, with what must happen before it can leave: a file to upload, a picture to fetch.

import type { WecomMessage } from "../wecom/message.ts";

export interface OutgoingPart {
  readonly message: WecomMessage;
  /** Must be uploaded for the key that sends; `mediaPlaceholder` stands in the message where its id goes. */
  readonly media: Media | null;
  /**
   * An http(s) URL of an alert, or the configured file, whose bytes become `image.base64` and `image.md5`. A picture that can not be had is left out: other parts
   * tell the alert.
   */
  readonly picture: string | null;
}

export interface Media {
  readonly type: "file" | "voice";
  /** As readers see it. */
  readonly name: string;
  readonly content: Uint8Array;
}

export const mediaPlaceholder = "{media_id}";

/** A message that is complete as it stands. */
export function plainPart(message: WecomMessage): OutgoingPart {
  return { message, media: null, picture: null };
}
