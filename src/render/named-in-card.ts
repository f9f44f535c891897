// Whether a card names every alert of its group: its name, the labels that tell it from the others, and what the sender groups
// by, each in full. Only then may the card stand alone.

import type { TextNoticeCard } from "../wecom/message.ts";
import { oneLine, plainText } from "./escape.ts";
import { severityName } from "./severity.ts";
import type { Views } from "./view.ts";

export function namesEveryAlert(card: TextNoticeCard, { facts, alerts }: Views): boolean {
  const texts = shownTexts(card);
  const shows = (text: string) => texts.some((shown) => standsIn(shown, asShown(text)));
  const grouped = Object.entries(facts.groupLabels).filter(([name]) => name !== severityName(facts.groupLabels));
  if (!grouped.every(([name, value]) => name === "alertname" || shows(value))) return false;
  return alerts.every((alert) => shows(alert.name) && alert.differing.every(({ value }) => shows(value)));
}

function shownTexts(card: TextNoticeCard): readonly string[] {
  const { source, main_title, emphasis_content, quote_area, horizontal_content_list } = card;
  const rows = (horizontal_content_list ?? []).map(({ value }) => value);
  const texts = [source?.desc, main_title.title, main_title.desc, emphasis_content?.title, emphasis_content?.desc];
  const all = [...texts, card.sub_title_text, quote_area?.title, quote_area?.quote_text, ...rows];
  return all.filter((text) => text !== undefined).map(asShown);
}

function asShown(text: string): string {
  return oneLine(plainText(text)).trim();
}

/** As a word of its own: `node-1` does not stand in `node-10`. */
function standsIn(shown: string, text: string): boolean {
  for (let at = shown.indexOf(text); at !== -1; at = shown.indexOf(text, at + 1)) {
    const before = shown.slice(0, at).at(-1) ?? " ";
    const after = shown.charAt(at + text.length) || " ";
    if (isEdge(before, text.charAt(0)) && isEdge(after, text.charAt(text.length - 1))) return true;
    if (text === "") return true;
  }
  return false;
}

/** Two letters, digits or joining signs make one word; Chinese is written without spaces. */
function isEdge(outside: string, inside: string): boolean {
  return !(/[\w.:/-]/.test(outside) && /[\w.:/-]/.test(inside)) && outside !== "…";
}
