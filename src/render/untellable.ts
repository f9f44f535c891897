// What is said of alerts that could be put into words in no way at all, when there is too little memory for them: that they are there.

import type { Language } from "../domain/message-kind.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { wordsOf } from "./words.ts";

/** @param bytes UTF-8 length of what is not told */
export function renderUntellable(bytes: number, language: Language): WecomMessage {
  const content = wordsOf(language).untellable((bytes / 2 ** 20).toFixed(1));
  return { msgtype: "markdown", markdown: { content } };
}
