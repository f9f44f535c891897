// What a locked phone shows of a message: its first characters.

import type { AlertGroup } from "../../../src/domain/alert.ts";
import type { Language } from "../../../src/domain/message-kind.ts";
import { builtInSeverities } from "../../../src/domain/severity.ts";
import { alertName, labelOf, severityName } from "../../../src/render/view/labels.ts";
import { stringsFor } from "../../../src/render/view/strings.ts";
import { messageText, type WecomMessage } from "../../../src/wecom/message.ts";

const firstChars = 20;

/**
 * Texts of messages whose first 20 visible characters do not hold a severity or a state of these alerts and then the
 * beginning of one of their names, or that have markup before it.
 */
export function badOpenings(
  messages: readonly WecomMessage[],
  groups: readonly AlertGroup[],
  language: Language,
): readonly string[] {
  const strings = stringsFor(language);
  const alerts = groups.flatMap((group) => group.alerts);
  const sent = alerts.map(({ labels }) => labelOf(labels, severityName(labels) ?? "").trim());
  const builtIn = [...builtInSeverities.values()].flatMap(({ word }) => (word === null ? [] : [word[language]]));
  const words = new Set([...Object.values(strings.states), ...builtIn, ...sent, strings.alert].filter(Boolean));
  const starts = new Set(alerts.map(({ labels }) => [...alertName(labels, strings).trim()][0] ?? ""));
  return messages.flatMap(announced).filter((text) => !opensWell(text, words, starts));
}

/** By which a phone announces a message; nothing of a file, a picture and a voice clip. */
function announced(message: WecomMessage): readonly string[] {
  switch (message.msgtype) {
    case "template_card":
      return [`${message.template_card.source?.desc} ${message.template_card.main_title.title}`];
    case "news":
      return message.news.articles.map(({ title }) => title);
    case "file":
    case "image":
    case "voice":
      return [];
    default:
      return [messageText(message)];
  }
}

function opensWell(text: string, words: ReadonlySet<string>, starts: ReadonlySet<string>): boolean {
  const [marks = ""] = /^(?:\p{Extended_Pictographic}|\uFE0F| )*/u.exec(text) ?? [];
  const rest = text.slice(marks.length);
  return [...words].some((word) => {
    const cut = /^([^…]{3,})…/u.exec(rest)?.[1];
    const shown = cut !== undefined && word.startsWith(cut) ? `${cut}…` : word;
    const [before = "", start = ""] = /^(?: ?\d+ 条| ?×\d+)? (?:\*\*|`)?(.)/u.exec(rest.slice(shown.length)) ?? [];
    const visible = marks + shown + before.replace(/\*\*|`/, "");
    return rest.startsWith(shown) && starts.has(start) && [...visible].length <= firstChars;
  });
}
