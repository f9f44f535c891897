// Messages as the group chat shows them. Tokens in links are masked.

import { maskSecrets } from "../observe/mask.ts";
import { messageHtml } from "../simulator/chat/message.ts";
import { isMessageType } from "../simulator/rules/message-rules.ts";

export interface Bubble {
  /** Empty for a body of a kind that the chat does not know; then `text` has it. */
  readonly html: string;
  readonly type: string;
  /** Of the body. */
  readonly bytes: number;
  readonly text: string;
}

/** @param body the JSON text that is sent to WeCom */
export function bubbleOf(body: string): Bubble {
  const text = maskSecrets(body);
  const message = JSON.parse(text) as { readonly msgtype: string };
  const { msgtype } = message;
  const accepted = { at: 0, robot: "", keyNumber: 0, advice: [], body: { ...message } };
  return {
    html: isMessageType(msgtype) ? messageHtml({ ...accepted, msgtype }, []).html : "",
    type: msgtype,
    bytes: Buffer.byteLength(body),
    text: JSON.stringify(message, null, 2),
  };
}
