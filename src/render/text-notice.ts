// A telling as one text_notice card. In: the card's rendered leaves; out: a card within every documented limit and within
// WeCom's advice on lengths, or null when nothing gives it a place to lead to.

import { horizontalContentMax, jumpMax, urlMaxBytes } from "../wecom/limits.ts";
import type { CardMessage, TextNoticeCard } from "../wecom/message.ts";
import { type CardField, type CardObject, cardFields } from "./card-fields.ts";
import type { CardPart, CardTemplate } from "./card-template.ts";
import { oneLine } from "./escape.ts";
import { viewGroup } from "./group-view.ts";
import { bestLink, sendableUrl } from "./links.ts";
import type { Scene } from "./markdown.ts";
import { shortenChars } from "./shorten.ts";

export interface CardResult {
  readonly message: CardMessage;
  /** Texts that were cut to the advised length. */
  readonly shortenedValues: number;
}

type Filled = string | number | readonly Filled[] | FilledObject;

interface FilledObject {
  readonly [field: string]: Filled;
}

/** Throws as a template does. */
export function renderCard(template: CardTemplate, scene: Scene): CardResult | null {
  const { views, settings } = scene;
  const { now, timezone, language } = settings;
  const view = viewGroup(views.facts, { alerts: views.alerts, number: 1, total: 1, mentions: [], unmentioned: "" });
  const count = { shortened: 0 };
  const filled = fillObject(template.render(view, { now, timezone, language }), cardFields, count);
  const action = actionOf(filled.card_action) ?? defaultAction(scene);
  if (action === null) return null;
  const card = { ...withTitle(filled, views.facts.name), card_action: action };
  return { message: asMessage(card), shortenedValues: count.shortened };
}

function asMessage(card: FilledObject): CardMessage {
  // Every field was filled by its row of cardFields, and the required ones are there.
  return {
    msgtype: "template_card",
    template_card: { card_type: "text_notice", ...card } as unknown as TextNoticeCard,
  };
}

interface Count {
  shortened: number;
}

/** Empty texts, empty objects and numbers that are not allowed are left out. */
function fillObject(part: CardPart | undefined, field: CardObject, count: Count): FilledObject {
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

function fill(part: CardPart | undefined, { name, field }: NamedField, count: Count): Filled | null {
  if (field.kind === "object") return fillObject(part, field, count);
  if (field.kind === "list") return fillList(name, Array.isArray(part) ? part : [], { item: field.item, count });
  const text = typeof part === "string" ? part.trim() : "";
  if (text === "") return null;
  if (field.kind === "url") return sendableUrl(text);
  if (field.kind === "number") return field.values.find((value) => String(value) === text) ?? null;
  const short = shortenChars(field.multiline ? text : oneLine(text), field.chars);
  if (short.length < text.length && short.endsWith("…")) count.shortened += 1;
  return short;
}

function fillList(
  name: string,
  parts: readonly CardPart[],
  { item, count }: { readonly item: CardObject; readonly count: Count },
): readonly FilledObject[] {
  const isJumps = name === "jump_list";
  const shown: FilledObject[] = [];
  for (const part of parts) {
    const own = { shortened: 0 };
    const filled = fillObject(part, item, own);
    const entry = isJumps ? asJump(filled) : asRow(filled);
    if (entry === null || shown.length === (isJumps ? jumpMax : horizontalContentMax)) continue;
    count.shortened += own.shortened;
    shown.push(entry);
  }
  return shown;
}

/** A row without a value says nothing; one whose link, file or member is missing is shown without it. */
function asRow(row: FilledObject): FilledObject | null {
  const { keyname, value, url, media_id, userid, type } = row;
  if (keyname === undefined || value === undefined) return null;
  if (type === 2 && media_id !== undefined) return { type, keyname, value, media_id };
  if (type === 3 && userid !== undefined) return { type, keyname, value, userid };
  return url === undefined ? { keyname, value } : { type: 1, keyname, value, url };
}

function asJump(jump: FilledObject): FilledObject | null {
  const { title, url, appid, pagepath } = jump;
  if (title === undefined) return null;
  if (jump.type === 2)
    return appid === undefined ? null : { type: 2, title, appid, ...(pagepath === undefined ? {} : { pagepath }) };
  return url === undefined ? null : { type: 1, title, url };
}

function actionOf(filled: Filled | undefined): FilledObject | null {
  if (filled === undefined || typeof filled !== "object" || Array.isArray(filled)) return null;
  const { type, url, appid, pagepath } = filled as FilledObject;
  if (type === 2 && appid !== undefined) return { type, appid, ...(pagepath === undefined ? {} : { pagepath }) };
  return url === undefined ? null : { type: 1, url };
}

/** The group's best link, the first alert's, the sender's own page, ours. */
function defaultAction({ views, settings }: Scene): FilledObject | null {
  const url =
    bestLink(views.facts.links) ??
    bestLink(views.alerts[0]?.links ?? []) ??
    sendableUrl(views.facts.externalURL) ??
    sendableUrl(settings.externalURL);
  return url === null || Buffer.byteLength(url) > urlMaxBytes ? null : { type: 1, url };
}

/** main_title must be there, and its title or sub_title_text filled. */
function withTitle(card: FilledObject, name: string): FilledObject {
  const title = (typeof card.main_title === "object" ? card.main_title : {}) as FilledObject;
  if (title.title !== undefined || card.sub_title_text !== undefined) return { ...card, main_title: title };
  return { ...card, main_title: { ...title, title: shortenChars(name, 26) } };
}
