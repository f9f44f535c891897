// The fields of cards and articles that a template may fill, as WeCom's page documents them (path/99110). `card_type`
// is not one of them: it is part of the name of the file.

import { cardAdvice as advice, articleBytes, aspectRatio } from "../../wecom/limits.ts";
import { shortenBytes, shortenChars } from "../fit/shorten-text.ts";

export type CardField =
  /** A line feed stays only in a `multiline` text. */
  | { readonly kind: "text"; readonly cut: Cut; readonly multiline: boolean }
  | { readonly kind: "url" }
  | { readonly kind: "number"; readonly isAllowed: (value: number) => boolean }
  | CardObject
  | { readonly kind: "list"; readonly item: CardObject };

export interface CardObject {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, CardField>>;
}

export type CardKind = "text_notice" | "news_notice" | "news";

type Cut = (text: string) => string;

const text = (cut: Cut): CardField => ({ kind: "text", cut, multiline: false });
const lines = (cut: Cut): CardField => ({ kind: "text", cut, multiline: true });
const chars =
  (most: number): Cut =>
  (whole) =>
    shortenChars(whole, most);
const bytes =
  (most: number): Cut =>
  (whole) =>
    shortenBytes(whole, most);
const anyText = text((whole) => whole);
const anyLines = lines((whole) => whole);
const url: CardField = { kind: "url" };
const number = (...values: readonly number[]): CardField => ({
  kind: "number",
  isAllowed: (value) => values.includes(value),
});
const between = (least: number, most: number): CardField => ({
  kind: "number",
  isAllowed: (value) => value >= least && value <= most,
});
const object = (fields: Readonly<Record<string, CardField>>): CardObject => ({ kind: "object", fields });
const list = (fields: Readonly<Record<string, CardField>>): CardField => ({ kind: "list", item: object(fields) });

/** The link of a field. */
const click = { url, appid: anyText, pagepath: anyText };

const head = {
  source: object({ icon_url: url, desc: text(chars(advice.sourceDesc)), desc_color: number(0, 1, 2, 3) }),
  main_title: object({ title: text(chars(advice.title)), desc: text(chars(advice.titleDesc)) }),
};
/** No limit is documented. A longer text is followed by markdown. */
const quoteMaxChars = 300;
const quoteText = lines(chars(quoteMaxChars));
const quoteArea = { quote_area: object({ type: number(0, 1, 2), ...click, title: anyText, quote_text: quoteText }) };
const rows = {
  horizontal_content_list: list({
    type: number(0, 1, 2, 3),
    keyname: text(chars(advice.keyname)),
    value: text(chars(advice.value)),
    url,
    media_id: anyText,
    userid: anyText,
  }),
  jump_list: list({ type: number(0, 1, 2), title: text(chars(advice.jumpTitle)), ...click }),
  card_action: object({ type: number(1, 2), ...click }),
};

export const cardFields: Readonly<Record<CardKind, CardObject>> = {
  text_notice: object({
    ...head,
    emphasis_content: object({ title: text(chars(advice.emphasisTitle)), desc: text(chars(advice.emphasisDesc)) }),
    ...quoteArea,
    sub_title_text: lines(chars(advice.subTitle)),
    ...rows,
  }),
  news_notice: object({
    ...head,
    card_image: object({ url, aspect_ratio: between(aspectRatio.least, aspectRatio.most) }),
    image_text_area: object({ type: number(0, 1, 2), ...click, title: anyText, desc: anyLines, image_url: url }),
    ...quoteArea,
    vertical_content_list: list({ title: text(chars(advice.verticalTitle)), desc: lines(chars(advice.verticalDesc)) }),
    ...rows,
  }),
  /** One article; there is one for each alert. */
  news: object({
    title: text(bytes(articleBytes.title)),
    description: text(bytes(articleBytes.description)),
    url,
    picurl: url,
  }),
};
