// Whether a card or a set of articles names every alert of its group: its name, the labels that differ from the other
// alerts', its caveat, and the labels that the sender groups by, each in full. Otherwise markdown must follow.

import type { Article, NewsNoticeCard, TextNoticeCard } from "../../wecom/message.ts";
import { asOneLine, plainText } from "../markup/escape.ts";
import { severityName } from "../view/alert-core.ts";
import type { AlertView } from "../view/alert-view.ts";
import type { Views } from "../view/group-view.ts";

export function cardNamesEveryAlert(card: TextNoticeCard | NewsNoticeCard, views: Views): boolean {
  return nameEveryAlert(shownTexts(card), views);
}

export function articlesNameEveryAlert(articles: readonly Article[], views: Views): boolean {
  return nameEveryAlert(shownOf(articles.flatMap(({ title, description }) => [title, description])), views);
}

function nameEveryAlert(texts: readonly string[], { facts, alerts }: Views): boolean {
  const shows = (text: string) => texts.some((shown) => standsIn(shown, asShown(text)));
  const grouped = Object.entries(facts.groupLabels).filter(([name]) => name !== severityName(facts.groupLabels));
  if (!grouped.every(([name, value]) => name === "alertname" || shows(value))) return false;
  const named = ({ name, caveat }: AlertView) => shows(name) && (caveat === "" || shows(caveat));
  return alerts.every((alert) => named(alert) && alert.differing.every(({ value }) => shows(value)));
}

function shownTexts(card: TextNoticeCard | NewsNoticeCard): readonly string[] {
  const { source, main_title, quote_area, horizontal_content_list } = card;
  const rows = (horizontal_content_list ?? []).map(({ value }) => value);
  const shared = [source?.desc, main_title.title, main_title.desc, quote_area?.title, quote_area?.quote_text, ...rows];
  return shownOf([...shared, ...ownTexts(card)]);
}

function ownTexts(card: TextNoticeCard | NewsNoticeCard): readonly (string | undefined)[] {
  if (card.card_type === "text_notice") {
    return [card.emphasis_content?.title, card.emphasis_content?.desc, card.sub_title_text];
  }
  const rows = (card.vertical_content_list ?? []).flatMap(({ title, desc }) => [title, desc]);
  return [card.image_text_area?.title, card.image_text_area?.desc, ...rows];
}

function shownOf(texts: readonly (string | undefined)[]): readonly string[] {
  return texts.filter((text) => text !== undefined).map(asShown);
}

function asShown(text: string): string {
  return asOneLine(plainText(text)).trim();
}

/** As a whole word: `node-10` does not show `node-1`. */
function standsIn(shown: string, text: string): boolean {
  for (let at = shown.indexOf(text); at !== -1; at = shown.indexOf(text, at + 1)) {
    const before = shown.slice(0, at).at(-1) ?? " ";
    const after = shown.charAt(at + text.length) || " ";
    if (isEdge(before, text.charAt(0)) && isEdge(after, text.charAt(text.length - 1))) return true;
    if (text === "") return true;
  }
  return false;
}

/** A word ends where two of its characters are not both letters, digits or joining signs; Chinese has no spaces. */
function isEdge(outside: string, inside: string): boolean {
  return !(/[\w.:/-]/.test(outside) && /[\w.:/-]/.test(inside)) && outside !== "…";
}
