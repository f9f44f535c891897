// Rendered leaves of a card in, its fields as WeCom takes them out: texts within the advised lengths, lists within theirs,
// links that can be sent. What is empty or not allowed is left out.

import { horizontalContentMax, jumpMax, verticalContentMax } from "../../wecom/limits.ts";
import { oneLine } from "../markup/escape.ts";
import { sendableUrl } from "../view/links.ts";
import type { CardField, CardObject } from "./card-fields.ts";
import type { CardPart } from "./card-template.ts";

export type Filled = string | number | readonly Filled[] | FilledObject;

export interface FilledObject {
  readonly [field: string]: Filled;
}

export interface Count {
  /** Texts that were cut. */
  shortened: number;
}

export function fillObject(part: CardPart | undefined, field: CardObject, count: Count): FilledObject {
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
  if (field.kind === "object") return asShown(name, fillObject(part, field, count));
  if (field.kind === "list") return fillList(name, Array.isArray(part) ? part : [], { item: field.item, count });
  const text = typeof part === "string" ? part.trim() : "";
  if (text === "") return null;
  if (field.kind === "url") return sendableUrl(text);
  if (field.kind === "number")
    return Number.isFinite(Number(text)) && field.isAllowed(Number(text)) ? Number(text) : null;
  const short = field.cut(field.multiline ? text : oneLine(text));
  if (short.length < text.length && short.endsWith("…")) count.shortened += 1;
  return short;
}

/** What a touch needs is whole, or there is none; a picture without an address is no picture. */
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

/** A mini program (2) when that is asked for, else a URL (1), else nothing. */
export function clickOf(
  touch: Readonly<Record<"type" | "url" | "appid" | "pagepath", Filled | undefined>>,
): FilledObject {
  const { type, url, appid, pagepath } = touch;
  if (type === 2 && appid !== undefined) return { type, appid, ...(pagepath === undefined ? {} : { pagepath }) };
  return url === undefined ? {} : { type: 1, url };
}

const entries: Readonly<
  Record<string, { readonly most: number; readonly shown: (entry: FilledObject) => FilledObject | null }>
> = {
  horizontal_content_list: { most: horizontalContentMax, shown: asRow },
  jump_list: { most: jumpMax, shown: asJump },
  vertical_content_list: { most: verticalContentMax, shown: (entry) => (entry.title === undefined ? null : entry) },
};

function fillList(
  name: string,
  parts: readonly CardPart[],
  { item, count }: { readonly item: CardObject; readonly count: Count },
): readonly FilledObject[] {
  const rule = entries[name];
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

/** A row without a value says nothing; one whose link, file or member is missing is shown without it. */
function asRow(row: FilledObject): FilledObject | null {
  const { keyname, value, url, media_id, userid, type } = row;
  if (keyname === undefined || value === undefined) return null;
  if (type === 2 && media_id !== undefined) return { type, keyname, value, media_id };
  if (type === 3 && userid !== undefined) return { type, keyname, value, userid };
  return url === undefined ? { keyname, value } : { type: 1, keyname, value, url };
}

/** One that leads nowhere is left out. */
function asJump({ title, type, url, appid, pagepath }: FilledObject): FilledObject | null {
  const { type: kind, ...place } = clickOf({ type, url, appid, pagepath });
  return title === undefined || kind === undefined ? null : { type: kind, title, ...place };
}
