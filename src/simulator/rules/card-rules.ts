// The rule tables of both template cards, every field of the page. 字 limits are advice (建议不超过); list lengths,
// required fields and value sets are hard. Source of every row: document/path/99110, 模版卡片类型.

import { type FieldRule, documentedField as field } from "./field-rule.ts";
import { refusals } from "./refusals.ts";

const card = "template_card";
const required = true;

const source: readonly FieldRule[] = [
  field(`${card}.source`, "object"),
  field(`${card}.source.icon_url`, "url"),
  field(`${card}.source.desc`, "string", { adviceChars: 13 }),
  field(`${card}.source.desc_color`, "int", { values: [0, 1, 2, 3] }),
];

/** Where a click leads: 0 nowhere, 1 a URL, 2 a mini program. The same four fields in four places. */
function click(path: string, type: FieldRule): readonly FieldRule[] {
  return [
    type,
    field(`${path}.url`, "url", { requiredWhen: { sibling: "type", is: 1 } }),
    field(`${path}.appid`, "string", { requiredWhen: { sibling: "type", is: 2 } }),
    field(`${path}.pagepath`, "string"),
  ];
}

function optionalClick(path: string): readonly FieldRule[] {
  return click(path, field(`${path}.type`, "int", { values: [0, 1, 2] }));
}

const quoteArea: readonly FieldRule[] = [
  field(`${card}.quote_area`, "object"),
  ...optionalClick(`${card}.quote_area`),
  field(`${card}.quote_area.title`, "string"),
  field(`${card}.quote_area.quote_text`, "string"),
];

const row = `${card}.horizontal_content_list[]`;
const rows: readonly FieldRule[] = [
  field(`${card}.horizontal_content_list`, "objects", { items: [0, 6] }),
  field(`${row}.type`, "int", { values: [0, 1, 2, 3] }),
  field(`${row}.keyname`, "string", { required, adviceChars: 5 }),
  field(`${row}.value`, "string", { adviceChars: 26 }),
  field(`${row}.url`, "url", { requiredWhen: { sibling: "type", is: 1 } }),
  field(`${row}.media_id`, "string", {
    requiredWhen: { sibling: "type", is: 2 },
    missing: refusals.missingMediaId,
  }),
  field(`${row}.userid`, "string", { requiredWhen: { sibling: "type", is: 3 } }),
];

const jumps: readonly FieldRule[] = [
  field(`${card}.jump_list`, "objects", { items: [0, 3] }),
  ...optionalClick(`${card}.jump_list[]`),
  field(`${card}.jump_list[].title`, "string", { required, adviceChars: 13 }),
];

const action: readonly FieldRule[] = [
  field(`${card}.card_action`, "object", { required }),
  ...click(`${card}.card_action`, field(`${card}.card_action.type`, "int", { required, values: [1, 2] })),
];

export const textNoticeRules: readonly FieldRule[] = [
  field(`${card}.card_type`, "string", { required, values: ["text_notice"] }),
  ...source,
  field(`${card}.main_title`, "object", { required }),
  field(`${card}.main_title.title`, "string", { adviceChars: 26 }),
  field(`${card}.main_title.desc`, "string", { adviceChars: 30 }),
  field(`${card}.emphasis_content`, "object"),
  field(`${card}.emphasis_content.title`, "string", { adviceChars: 10 }),
  field(`${card}.emphasis_content.desc`, "string", { adviceChars: 15 }),
  ...quoteArea,
  field(`${card}.sub_title_text`, "string", { adviceChars: 112 }),
  ...rows,
  ...jumps,
  ...action,
];

export const newsNoticeRules: readonly FieldRule[] = [
  field(`${card}.card_type`, "string", { required, values: ["news_notice"] }),
  ...source,
  field(`${card}.main_title`, "object", { required }),
  field(`${card}.main_title.title`, "string", { required, adviceChars: 26 }),
  field(`${card}.main_title.desc`, "string", { adviceChars: 30 }),
  field(`${card}.card_image`, "object", { required }),
  field(`${card}.card_image.url`, "url", { required }),
  field(`${card}.card_image.aspect_ratio`, "float", { range: [1.3, 2.25] }),
  field(`${card}.image_text_area`, "object"),
  ...optionalClick(`${card}.image_text_area`),
  field(`${card}.image_text_area.title`, "string"),
  field(`${card}.image_text_area.desc`, "string"),
  field(`${card}.image_text_area.image_url`, "url", { required }),
  ...quoteArea,
  field(`${card}.vertical_content_list`, "objects", { items: [0, 4] }),
  field(`${card}.vertical_content_list[].title`, "string", { required, adviceChars: 26 }),
  field(`${card}.vertical_content_list[].desc`, "string", { adviceChars: 112 }),
  ...rows,
  ...jumps,
  ...action,
];
