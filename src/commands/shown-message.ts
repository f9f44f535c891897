// Rendered messages as a person reads them at a terminal or in a browser. Pure.

import { html } from "../console/html.ts";
import { messageHtml } from "../simulator/chat/message.ts";
import { messageText, type WecomMessage } from "../wecom/message.ts";

export interface ShownMessage {
  readonly bot: string;
  readonly part: number;
  readonly parts: number;
  /** See `sizeOf`. */
  readonly bytes: number;
  readonly body: WecomMessage;
}

/** UTF-8 bytes of the content that WeCom limits; of the whole card for a card. */
export function sizeOf(body: WecomMessage): number {
  return Buffer.byteLength(messageText(body));
}

export function messagesAsText(messages: readonly ShownMessage[]): string {
  const texts = messages.map((message) => [
    `--- ${headOf(message)}`,
    messageText(message.body),
    ...ringsOf(message.body),
  ]);
  return texts.map((lines) => lines.join("\n")).join("\n\n");
}

/** What a text message does beside what it shows. */
function ringsOf(body: WecomMessage): readonly string[] {
  if (body.msgtype !== "text") return [];
  const { mentioned_list: users = [], mentioned_mobile_list: mobiles = [] } = body.text;
  return users.length + mobiles.length === 0 ? [] : [`rings: ${[...users, ...mobiles].join(", ")}`];
}

/** A fragment with the classes of the simulator's page, as the group chat looks; everything in it is escaped. */
export function messagesAsHtml(messages: readonly ShownMessage[]): string {
  return html`${messages.map((message) => {
    const { body, bot, part } = message;
    const said = { at: 0, robot: bot, keyNumber: part, msgtype: body.msgtype, body: { ...body }, advice: [] };
    return html`<article class="entry"><div class="note">${headOf(message)}</div>
<div class="bubble ${body.msgtype}">${messageHtml(said, [])}</div></article>
`;
  })}`.html.trimEnd();
}

function headOf({ bot, body, part, parts, bytes }: ShownMessage): string {
  return `bot ${bot}, ${body.msgtype}, part ${part} of ${parts}, ${bytes} bytes`;
}
