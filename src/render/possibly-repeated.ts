// Marks a message that may have reached the chat before, at the end of its first line: how bad it is and what stands in
// front. Every rendered markdown or text leaves bytes for it. A message that has the mark, or has no room, stays as it is.

import type { Language } from "../domain/message-kind.ts";
import { cardAdvice, markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import type { NewsNoticeCard, TextNoticeCard, WecomMessage } from "../wecom/message.ts";
import { shortenChars } from "./fit/shorten-text.ts";
import { stringsFor } from "./view/strings.ts";

/** Kept free in every markdown and text body. The longest mark has 39. */
export const repeatMarkBytes = 64;

/** @param languages of the message, or those it may be in */
export function markPossiblyRepeated(message: WecomMessage, languages: readonly Language[]): WecomMessage {
  const mark = `（${languages.map((one) => stringsFor(one).possiblyRepeated).join(" / ")}）`;
  switch (message.msgtype) {
    case "markdown": {
      const content = marked(message.markdown.content, mark, markdownMaxBytes);
      return { ...message, markdown: { content } };
    }
    case "markdown_v2": {
      const content = marked(message.markdown_v2.content, mark, markdownMaxBytes);
      return { ...message, markdown_v2: { content } };
    }
    case "text": {
      const content = marked(message.text.content, mark, textMaxBytes);
      return { ...message, text: { ...message.text, content } };
    }
    case "template_card":
      return { ...message, template_card: markCard(message.template_card, mark) };
    // These have no text with room for the mark.
    case "news":
    case "image":
    case "file":
    case "voice":
      return message;
  }
}

function markCard(card: TextNoticeCard | NewsNoticeCard, mark: string): TextNoticeCard | NewsNoticeCard {
  if (card.card_type === "text_notice") {
    const text = card.sub_title_text ?? "";
    return text.startsWith(mark) ? card : { ...card, sub_title_text: shortenChars(mark + text, cardAdvice.subTitle) };
  }
  const { desc = "" } = card.main_title;
  if (desc.startsWith(mark)) return card;
  return { ...card, main_title: { ...card.main_title, desc: shortenChars(mark + desc, cardAdvice.titleDesc) } };
}

/** A table and a block of code do not bear it in their first line. */
function marked(content: string, mark: string, maxBytes: number): string {
  const [first = "", ...others] = content.split("\n");
  const isBlock = /^\s*(?:\||```)/.test(first);
  const whole = isBlock ? `${mark}\n\n${content}` : [first + mark, ...others].join("\n");
  return first.endsWith(mark) || Buffer.byteLength(whole) > maxBytes ? content : whole;
}
