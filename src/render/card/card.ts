// A delivery as one card or as a set of articles: the rendered leaves of its template, within WeCom's limits and its
// advice on lengths. What is empty or not allowed is left out.

import { articlesMax, cardAdvice, horizontalContentMax, jumpMax, verticalContentMax } from "../../wecom/limits.ts";
import type { Article, CardMessage, NewsMessage, NewsNoticeCard, TextNoticeCard } from "../../wecom/message.ts";
import { shortenChars } from "../fit/shorten-text.ts";
import { asOneLine } from "../markup/escape.ts";
import type { GroupRenderInput } from "../mention.ts";
import type { RenderSettings } from "../settings.ts";
import type { AlertView } from "../view/alert-view.ts";
import { viewWholeGroup } from "../view/group-view.ts";
import { bestLink, sendableUrl } from "../view/links.ts";
import { type CardField, type CardObject, cardFields } from "./card-fields.ts";
import type { CardPart, CardTemplate } from "./card-template.ts";

export interface CardResult<Message> {
  readonly message: Message;
  /** Texts that were cut to the advised length. */
  readonly shortenedValues: number;
}

/** Null when the card has no link, or is a news_notice without a picture. Throws as a template does. */
export function renderCard(
  kind: "text_notice" | "news_notice",
  template: CardTemplate,
  input: GroupRenderInput,
): CardResult<CardMessage> | null {
  const { settings, views } = input;
  const count: CutCount = { shortened: 0 };
  const filled = fillObject(template.render(viewWholeGroup(input.views), settings), cardFields[kind], count);
  const action = actionOf(filled.card_action) ?? defaultAction(input);
  if (action === null || (kind === "news_notice" && filled.card_image === undefined)) return null;
  const main_title = titleOf(kind, filled, views.facts.name);
  const card = { card_type: kind, ...filled, main_title, card_action: action };
  // Every field was filled as cardFields says, and the required ones are there.
  const template_card = card as unknown as TextNoticeCard | NewsNoticeCard;
  return { message: { msgtype: "template_card", template_card }, shortenedValues: count.shortened };
}

/** An article for each of the first alerts; null when none of them has a picture. Throws as a template does. */
export function renderNews(template: CardTemplate, input: GroupRenderInput): CardResult<NewsMessage> | null {
  const count: CutCount = { shortened: 0 };
  const group = viewWholeGroup(input.views);
  const shown = input.views.alerts.slice(0, articlesMax);
  const articles = shown.map((alert) => {
    const filled = fillObject(template.render({ ...group, ...alert }, input.settings), cardFields.news, count);
    return articleOf(filled, alert, input);
  });
  if (articles.some((article) => article === null) || articles.every((article) => article?.picurl === undefined)) {
    return null;
  }
  const whole = articles.filter((article) => article !== null);
  return { message: { msgtype: "news", news: { articles: whole } }, shortenedValues: count.shortened };
}

function articleOf(filled: FilledObject, alert: AlertView, { views, settings }: GroupRenderInput): Article | null {
  const title = typeof filled.title === "string" ? filled.title : alert.name;
  const own = typeof filled.url === "string" ? filled.url : null;
  const { actionURL, externalURL } = views.facts;
  const page = sendableUrl(actionURL) ?? sendableUrl(externalURL);
  const url = own ?? bestLink(alert.links) ?? page ?? deliveriesURL(alert.name, settings);
  return url === null ? null : ({ ...filled, title, url } as Article);
}

function actionOf(filled: Filled | undefined): FilledObject | null {
  if (filled === undefined || typeof filled !== "object" || Array.isArray(filled)) return null;
  const { type, url, appid, pagepath } = filled as FilledObject;
  const click = clickOf({ type, url, appid, pagepath });
  return click.type === undefined ? null : click;
}

/** The best link of the group, of the first alert, the page of the alerts, of the sender, or of their deliveries. */
function defaultAction({ views, settings }: GroupRenderInput): FilledObject | null {
  const url =
    bestLink(views.facts.links) ??
    bestLink(views.alerts[0]?.links ?? []) ??
    sendableUrl(views.facts.actionURL) ??
    sendableUrl(views.facts.externalURL) ??
    deliveriesURL(views.alerts[0]?.name ?? "", settings);
  return url === null ? null : { type: 1, url };
}

/** Our page with the deliveries of the alerts of this name. */
function deliveriesURL(name: string, { externalURL }: RenderSettings): string | null {
  if (externalURL === null) return null;
  const search = new URLSearchParams({ q: `"${name.replaceAll('"', " ")}"` });
  return sendableUrl(`${externalURL}/deliveries?${search}`) ?? sendableUrl(externalURL);
}

/** main_title needs a title; in a text_notice `sub_title_text` may take its place. */
function titleOf(kind: "text_notice" | "news_notice", card: FilledObject, name: string): FilledObject {
  const title = (typeof card.main_title === "object" ? card.main_title : {}) as FilledObject;
  if (title.title !== undefined || (kind === "text_notice" && card.sub_title_text !== undefined)) return title;
  return { ...title, title: shortenChars(name, cardAdvice.title) };
}

type Filled = string | number | readonly Filled[] | FilledObject;

interface FilledObject {
  readonly [field: string]: Filled;
}

interface CutCount {
  /** Texts that were cut. */
  shortened: number;
}

function fillObject(part: CardPart | undefined, field: CardObject, count: CutCount): FilledObject {
  const object = typeof part === "object" && !Array.isArray(part) ? (part as Readonly<Record<string, CardPart>>) : {};
  const entries = Object.entries(field.fields).flatMap(([name, one]) => {
    const filled = fill(Object.hasOwn(object, name) ? object[name] : undefined, { name, field: one }, count);
    return isEmpty(filled) ? [] : [[name, filled] as const];
  });
  return Object.fromEntries(entries) as FilledObject;
}

function isEmpty(filled: Filled | null): filled is null {
  if (filled === null || filled === "") return true;
  if (typeof filled === "object") return Object.keys(filled).length === 0;
  return false;
}

interface NamedField {
  readonly name: string;
  readonly field: CardField;
}

function fill(part: CardPart | undefined, { name, field }: NamedField, count: CutCount): Filled | null {
  if (field.kind === "object") return asShown(name, fillObject(part, field, count));
  if (field.kind === "list") return fillList(name, Array.isArray(part) ? part : [], { item: field.item, count });
  const text = typeof part === "string" ? part.trim() : "";
  if (text === "") return null;
  if (field.kind === "url") return sendableUrl(text);
  if (field.kind === "number")
    return Number.isFinite(Number(text)) && field.isAllowed(Number(text)) ? Number(text) : null;
  const short = field.cut(field.multiline ? text : asOneLine(text));
  if (short.length < text.length && short.endsWith("…")) count.shortened += 1;
  return short;
}

/** Leaves out a link that is incomplete and a picture without a URL. */
function asShown(name: string, object: FilledObject): FilledObject | null {
  if (name === "quote_area") return withClick(object);
  if (name === "image_text_area") return object.image_url === undefined ? null : withClick(object);
  if (name === "card_image") return object.url === undefined ? null : object;
  return object;
}

function withClick({ type, url, appid, pagepath, ...shown }: FilledObject): FilledObject | null {
  if (Object.keys(shown).length === 0) return null;
  return { ...clickOf({ type, url, appid, pagepath }), ...shown };
}

/** A mini program (2) if the template asks for one, else a URL (1), else nothing. */
function clickOf({ type, url, appid, pagepath }: Readonly<Record<string, Filled | undefined>>): FilledObject {
  if (type === 2 && appid !== undefined) return { type, appid, ...(pagepath === undefined ? {} : { pagepath }) };
  return url === undefined ? {} : { type: 1, url };
}

interface ListRule {
  readonly most: number;
  readonly shown: (entry: FilledObject) => FilledObject | null;
}

const listRules: Readonly<Record<string, ListRule>> = {
  horizontal_content_list: { most: horizontalContentMax, shown: asRow },
  jump_list: { most: jumpMax, shown: asJump },
  vertical_content_list: { most: verticalContentMax, shown: (entry) => (entry.title === undefined ? null : entry) },
};

function fillList(
  name: string,
  parts: readonly CardPart[],
  { item, count }: { readonly item: CardObject; readonly count: CutCount },
): readonly FilledObject[] {
  const rule = listRules[name];
  const shown: FilledObject[] = [];
  for (const part of parts) {
    const own = { shortened: 0 };
    const entry = rule?.shown(fillObject(part, item, own)) ?? null;
    if (entry === null || shown.length === rule?.most) continue;
    count.shortened += own.shortened;
    shown.push(entry);
  }
  return shown;
}

/** A row without a value is left out; one without its link, file or member is shown without it. */
function asRow(row: FilledObject): FilledObject | null {
  const { keyname, value, url, media_id, userid, type } = row;
  if (keyname === undefined || value === undefined) return null;
  if (type === 2 && media_id !== undefined) return { type, keyname, value, media_id };
  if (type === 3 && userid !== undefined) return { type, keyname, value, userid };
  return url === undefined ? { keyname, value } : { type: 1, keyname, value, url };
}

/** Null for a link without a target. */
function asJump({ title, type, url, appid, pagepath }: FilledObject): FilledObject | null {
  const { type: kind, ...place } = clickOf({ type, url, appid, pagepath });
  return title === undefined || kind === undefined ? null : { type: kind, title, ...place };
}
