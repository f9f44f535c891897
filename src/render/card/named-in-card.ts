// Whether a card or a set of articles shows everything that its alerts say: names, texts, numbers, and all labels but
// those that are named as not shown. Otherwise markdown must follow.

import type { Article, NewsNoticeCard, TextNoticeCard } from "../../wecom/message.ts";
import { asOneLine, plainText } from "../markup/escape.ts";
import type { AlertView } from "../view/alert-view.ts";
import type { Views } from "../view/group-view.ts";
import { shownAsHeading } from "../view/labels.ts";
import type { AboutView, SaidView } from "../view/sections.ts";

export function cardShowsEverything(card: TextNoticeCard | NewsNoticeCard, views: Views): boolean {
  return showEverything(shownTexts(card), views);
}

export function articlesShowEverything(articles: readonly Article[], views: Views): boolean {
  return showEverything(shownOf(articles.flatMap(({ title, description }) => [title, description])), views);
}

function showEverything(texts: readonly string[], { facts, alerts }: Views): boolean {
  const shows = (text: string) => text === "" || texts.some((shown) => standsIn(shown, asShown(text)));
  const foldedNames = new Set(facts.foldedShort.split(/[\s/=:：、,，]+/));
  const isFolded = (name: string) => foldedNames.has(name) && shows(facts.foldedShort);
  const abouts: readonly AboutView[] = [facts.about, ...facts.sections.flatMap(({ about }) => about ?? [])];
  const laidOut = [...abouts, ...alerts.map(({ row }) => row)].every((view) => saidTexts(view).every(shows));
  // A template may print the texts of each alert as they were sent.
  const asSent = alerts.every(({ summary, description, value }) => [summary, description, value].every(shows));
  return alerts.every(
    (alert) =>
      (laidOut || (asSent && alert.notes.every(({ value }) => shows(value)))) &&
      shows(alert.name) &&
      shows(alert.caveat) &&
      (shows(alert.severityWord) || shows(alert.severity)) &&
      ownLabels(alert).every(([name, value]) => shows(value) || showsCell(alert, value) || isFolded(name)),
  );

  /** The port stands in the head of the column; a namespace and its object are one subject. */
  function showsCell({ row, subject }: AlertView, value: string): boolean {
    const isPart = (text: string) => text.startsWith(`${value}/`) || text.endsWith(`/${value}`);
    if ([subject, facts.about.subject].some((text) => isPart(text) && shows(text))) return true;
    return row.cells.some((cell) => cell !== "" && value.startsWith(`${cell}:`) && shows(cell));
  }
}

function saidTexts({ summary, quote, longQuote, error, notes, longNotes, reading }: SaidView & { reading: string }) {
  return [summary, quote, longQuote, error, reading, ...[...notes, ...longNotes].map(({ value }) => value)];
}

function ownLabels({ labels }: AlertView): readonly (readonly [string, string])[] {
  const heading = shownAsHeading(labels);
  return Object.entries(labels).filter(([name]) => !heading.has(name));
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
