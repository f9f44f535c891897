// The fields of a text_notice card that a template may fill, as the page documents them (path/99110, 模版卡片类型). `card_type`
// is not among them: it is always text_notice.

import { cardAdvice as advice } from "../wecom/limits.ts";

export type CardField =
  /** Advised length in characters; a line feed stays only in a `multiline` text. */
  | { readonly kind: "text"; readonly chars: number; readonly multiline: boolean }
  | { readonly kind: "url" }
  | { readonly kind: "number"; readonly values: readonly number[] }
  | CardObject
  | { readonly kind: "list"; readonly item: CardObject };

export interface CardObject {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, CardField>>;
}

const unlimited = Number.POSITIVE_INFINITY;
const text = (chars: number): CardField => ({ kind: "text", chars, multiline: false });
const lines = (chars: number): CardField => ({ kind: "text", chars, multiline: true });
const url: CardField = { kind: "url" };
const number = (...values: readonly number[]): CardField => ({ kind: "number", values });
const object = (fields: Readonly<Record<string, CardField>>): CardObject => ({ kind: "object", fields });

/** Where a touch leads; the same in four places. */
const click = { url, appid: text(unlimited), pagepath: text(unlimited) };

export const cardFields: CardObject = object({
  source: object({ icon_url: url, desc: text(advice.sourceDesc), desc_color: number(0, 1, 2, 3) }),
  main_title: object({ title: text(advice.title), desc: text(advice.titleDesc) }),
  emphasis_content: object({ title: text(advice.emphasisTitle), desc: text(advice.emphasisDesc) }),
  quote_area: object({ type: number(0, 1, 2), ...click, title: text(unlimited), quote_text: lines(unlimited) }),
  sub_title_text: lines(advice.subTitle),
  horizontal_content_list: {
    kind: "list",
    item: object({
      type: number(0, 1, 2, 3),
      keyname: text(advice.keyname),
      value: text(advice.value),
      url,
      media_id: text(unlimited),
      userid: text(unlimited),
    }),
  },
  jump_list: { kind: "list", item: object({ type: number(0, 1, 2), title: text(advice.jumpTitle), ...click }) },
  card_action: object({ type: number(1, 2), ...click }),
});
