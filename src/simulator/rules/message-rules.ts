// The rule tables of both template cards, every field of the page. 字 limits are advice (建议不超过); list lengths,
// required fields and value sets are hard. Source of every row: document/path/99110, 模版卡片类型.
// The rule table of the seven plain message types and the choice of the table for a card. Source of every row:
// 消息推送配置说明, developer.work.weixin.qq.com/document/path/99110.

import { type JsonObject, textAt } from "../body-value.ts";
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

export const messageTypes = [
  "text",
  "markdown",
  "markdown_v2",
  "image",
  "news",
  "file",
  "voice",
  "template_card",
] as const;
export type MessageType = (typeof messageTypes)[number];

const { emptyContent, missingMediaId, missingTitle, tooManyArticles } = refusals;

const plainRules: Readonly<Record<Exclude<MessageType, "template_card">, readonly FieldRule[]>> = {
  text: [
    field("text.content", "string", { required: true, missing: emptyContent, maxBytes: 2048, seenMaxBytes: 5120 }),
    field("text.mentioned_list", "strings"),
    field("text.mentioned_mobile_list", "strings"),
  ],
  markdown: [field("markdown.content", "string", { required: true, missing: emptyContent, maxBytes: 4096 })],
  markdown_v2: [field("markdown_v2.content", "string", { required: true, missing: emptyContent, maxBytes: 4096 })],
  image: [field("image.base64", "string", { required: true }), field("image.md5", "string", { required: true })],
  news: [
    field("news.articles", "objects", { required: true, items: [1, 8], tooMany: tooManyArticles }),
    field("news.articles[].title", "string", { required: true, missing: missingTitle, cutBytes: 128 }),
    field("news.articles[].description", "string", { cutBytes: 512 }),
    field("news.articles[].url", "url", { required: true, schemeOptional: true }),
    field("news.articles[].picurl", "url", { nullRejected: true }),
  ],
  file: [field("file.media_id", "string", { required: true, missing: missingMediaId })],
  voice: [field("voice.media_id", "string", { required: true, missing: missingMediaId })],
};

const cardTypeRule = field("template_card.card_type", "string", {
  required: true,
  values: ["text_notice", "news_notice"],
});

/** Every table by name, for the README and the inspection API. */
export const ruleTables: Readonly<Record<string, readonly FieldRule[]>> = {
  ...plainRules,
  "template_card/text_notice": textNoticeRules,
  "template_card/news_notice": newsNoticeRules,
};

export function isMessageType(value: unknown): value is MessageType {
  return messageTypes.some((type) => type === value);
}

/** A card of unknown kind is judged by its card_type alone. */
export function rulesFor(msgtype: MessageType, body: JsonObject): readonly FieldRule[] {
  if (msgtype !== "template_card") return plainRules[msgtype];
  const cardType = textAt(body, "template_card.card_type");
  if (cardType === "text_notice") return textNoticeRules;
  return cardType === "news_notice" ? newsNoticeRules : [cardTypeRule];
}
