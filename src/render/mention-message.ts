// A message that rings people where the message that tells the alerts can not: one text for a whole delivery.

import { textMaxBytes } from "../wecom/limits.ts";
import type { TextMessage, WecomMessage } from "../wecom/message.ts";
import { shortenBytes } from "./fit/shorten.ts";
import { markData, neutraliseText, oneLine } from "./markup/escape.ts";
import type { Mentions } from "./mention.ts";
import { stringsFor } from "./view/strings.ts";

/** Of the line that says what it is about; the names of those rung may count as well. */
const aboutMaxBytes = textMaxBytes / 4;

/** Null when there is nobody to ring. `about` is alert text. */
export function mentionMessage(mentions: Mentions, about: string, language: "zh" | "en"): TextMessage | null {
  const lists = listsOf(mentions);
  if (lists === null) return null;
  const line = shortenBytes(neutraliseText(markData(oneLine(about))), aboutMaxBytes);
  const more = mentions.unmentioned === "" ? "" : `\n${mentions.unmentioned}`;
  return { msgtype: "text", text: { content: `${stringsFor(language).ring}${line}${more}`, ...lists } };
}

/** The text rings those whom it can not name in itself: numbers, and everyone. */
export function addMentions(message: WecomMessage, mentions: Mentions): WecomMessage {
  const lists = listsOf({ ...mentions, users: [] });
  return message.msgtype !== "text" || lists === null ? message : { ...message, text: { ...message.text, ...lists } };
}

type Lists = Pick<TextMessage["text"], "mentioned_list" | "mentioned_mobile_list">;

function listsOf({ users, mobiles, all }: Mentions): Lists | null {
  const listed = [...users, ...(all ? ["@all"] : [])];
  if (listed.length + mobiles.length === 0) return null;
  return {
    ...(listed.length === 0 ? {} : { mentioned_list: listed }),
    ...(mobiles.length === 0 ? {} : { mentioned_mobile_list: mobiles }),
  };
}
