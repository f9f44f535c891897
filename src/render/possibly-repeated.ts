// Marks a body that may have reached the group already. Idempotent; every body made by render has room for the mark, and a
// body that has none is left as it is.

import type { Language } from "../domain/message-kind.ts";
import { cardAdvice, markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { shortenChars } from "./shorten.ts";
import { wordsOf } from "./words.ts";

/** Kept free in every markdown and text body. The longest mark has 47. */
export const repeatMarkBytes = 64;

export function markPossiblyRepeated(message: WecomMessage, language: Language): WecomMessage {
  const words = wordsOf(language).possiblyRepeated;
  switch (message.msgtype) {
    case "markdown": {
      const content = inFront(message.markdown.content, `<font color="comment">${words}</font>\n`, markdownMaxBytes);
      return { ...message, markdown: { content } };
    }
    case "text": {
      const content = inFront(message.text.content, `【${words}】\n`, textMaxBytes);
      return { ...message, text: { ...message.text, content } };
    }
    case "template_card": {
      const card = message.template_card;
      const subTitle = inFront(card.sub_title_text ?? "", `【${words}】`, Number.POSITIVE_INFINITY);
      return { ...message, template_card: { ...card, sub_title_text: shortenChars(subTitle, cardAdvice.subTitle) } };
    }
  }
}

function inFront(content: string, mark: string, maxBytes: number): string {
  if (content.startsWith(mark)) return content;
  return Buffer.byteLength(mark) + Buffer.byteLength(content) > maxBytes ? content : mark + content;
}
