// Marks a message that may have reached the chat before. Every rendered markdown or text leaves bytes for it. A message
// that has the mark, or has no room, stays as it is.

import type { Language } from "../domain/message-kind.ts";
import { cardAdvice, markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import type { NewsNoticeCard, TextNoticeCard, WecomMessage } from "../wecom/message.ts";
import { shortenChars } from "./fit/shorten-text.ts";
import { stringsFor } from "./view/strings.ts";

/** Kept free in every markdown and text body. The longest mark has 47. */
export const repeatMarkBytes = 64;

export function markPossiblyRepeated(message: WecomMessage, language: Language): WecomMessage {
  const mark = stringsFor(language).possiblyRepeated;
  switch (message.msgtype) {
    case "markdown": {
      const content = inFront(message.markdown.content, `<font color="comment">${mark}</font>\n`, markdownMaxBytes);
      return { ...message, markdown: { content } };
    }
    case "markdown_v2": {
      const content = inFront(message.markdown_v2.content, `【${mark}】\n\n`, markdownMaxBytes);
      return { ...message, markdown_v2: { content } };
    }
    case "text": {
      const content = inFront(message.text.content, `【${mark}】\n`, textMaxBytes);
      return { ...message, text: { ...message.text, content } };
    }
    case "template_card":
      return { ...message, template_card: markCard(message.template_card, `【${mark}】`) };
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
    const subTitle = inFront(card.sub_title_text ?? "", mark, Number.POSITIVE_INFINITY);
    return { ...card, sub_title_text: shortenChars(subTitle, cardAdvice.subTitle) };
  }
  const desc = inFront(card.main_title.desc ?? "", mark, Number.POSITIVE_INFINITY);
  return { ...card, main_title: { ...card.main_title, desc: shortenChars(desc, cardAdvice.titleDesc) } };
}

function inFront(content: string, mark: string, maxBytes: number): string {
  if (content.startsWith(mark)) return content;
  return Buffer.byteLength(mark) + Buffer.byteLength(content) > maxBytes ? content : mark + content;
}
