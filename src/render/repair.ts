// What replaces a body that WeCom refused: the same content in smaller parts, without links, without media, or as plain text.

import type { WecomMessage } from "../wecom/message.ts";

export type Repair = "split" | "links" | "media" | "plain";

/** null: this repair would change nothing; there is nothing left to try. */
export function repairMessage(_message: WecomMessage, _repair: Repair): readonly WecomMessage[] | null {
  throw new Error("not written yet");
}
