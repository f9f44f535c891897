// The rule tables of all message types: every field of the page 消息推送配置说明,
// developer.work.weixin.qq.com/document/path/99110. 字 limits of cards are advice (建议不超过); list lengths,
// required fields and value sets are hard.

import { type BodyObject, bodyTextAt } from "../body-value.ts";
import { type FieldRule, documentedField as field } from "./field-rule.ts";
import { refusals } from "./refusals.ts";

const card = "template_card";
const required = true;

const sourceRules: readonly FieldRule[] = [
  field(`${card}.source`, "object"),
  field(`${card}.source.icon_url`, "url"),
  field(`${card}.source.desc`, "string", { adviceChars: 13 }),
  field(`${card}.source.desc_color`, "int", { values: [0, 1, 2, 3] }),
];

/** The target of a click: 0 none, 1 a URL, 2 a mini program. Four places have these four fields. */
function clickRules(path: string, type: FieldRule): readonly FieldRule[] {
  return [
    type,
    field(`${path}.url`, "url", { requiredWhen: { sibling: "type", is: 1 } }),
    field(`${path}.appid`, "string", { requiredWhen: { sibling: "type", is: 2 } }),
    field(`${path}.pagepath`, "string"),
  ];
}

function optionalClickRules(path: string): readonly FieldRule[] {
  return clickRules(path, field(`${path}.type`, "int", { values: [0, 1, 2] }));
}

const quoteAreaRules: readonly FieldRule[] = [
  field(`${card}.quote_area`, "object"),
  ...optionalClickRules(`${card}.quote_area`),
  field(`${card}.quote_area.title`, "string"),
  field(`${card}.quote_area.quote_text`, "string"),
];

const rowPath = `${card}.horizontal_content_list[]`;
const rowRules: readonly FieldRule[] = [
  field(`${card}.horizontal_content_list`, "objects", { items: [0, 6] }),
  field(`${rowPath}.type`, "int", { values: [0, 1, 2, 3] }),
  field(`${rowPath}.keyname`, "string", { required, adviceChars: 5 }),
  field(`${rowPath}.value`, "string", { adviceChars: 26 }),
  field(`${rowPath}.url`, "url", { requiredWhen: { sibling: "type", is: 1 } }),
  field(`${rowPath}.media_id`, "string", {
    requiredWhen: { sibling: "type", is: 2 },
    missing: refusals.missingMediaId,
  }),
  field(`${rowPath}.userid`, "string", { requiredWhen: { sibling: "type", is: 3 } }),
];

const jumpRules: readonly FieldRule[] = [
  field(`${card}.jump_list`, "objects", { items: [0, 3] }),
  ...optionalClickRules(`${card}.jump_list[]`),
  field(`${card}.jump_list[].title`, "string", { required, adviceChars: 13 }),
];

const actionRules: readonly FieldRule[] = [
  field(`${card}.card_action`, "object", { required }),
  ...clickRules(`${card}.card_action`, field(`${card}.card_action.type`, "int", { required, values: [1, 2] })),
];

const textNoticeRules: readonly FieldRule[] = [
  field(`${card}.card_type`, "string", { required, values: ["text_notice"] }),
  ...sourceRules,
  field(`${card}.main_title`, "object", { required }),
  field(`${card}.main_title.title`, "string", { adviceChars: 26 }),
  field(`${card}.main_title.desc`, "string", { adviceChars: 30 }),
  field(`${card}.emphasis_content`, "object"),
  field(`${card}.emphasis_content.title`, "string", { adviceChars: 10 }),
  field(`${card}.emphasis_content.desc`, "string", { adviceChars: 15 }),
  ...quoteAreaRules,
  field(`${card}.sub_title_text`, "string", { adviceChars: 112 }),
  ...rowRules,
  ...jumpRules,
  ...actionRules,
];

const newsNoticeRules: readonly FieldRule[] = [
  field(`${card}.card_type`, "string", { required, values: ["news_notice"] }),
  ...sourceRules,
  field(`${card}.main_title`, "object", { required }),
  field(`${card}.main_title.title`, "string", { required, adviceChars: 26 }),
  field(`${card}.main_title.desc`, "string", { adviceChars: 30 }),
  field(`${card}.card_image`, "object", { required }),
  field(`${card}.card_image.url`, "url", { required }),
  field(`${card}.card_image.aspect_ratio`, "float", { range: [1.3, 2.25] }),
  field(`${card}.image_text_area`, "object"),
  ...optionalClickRules(`${card}.image_text_area`),
  field(`${card}.image_text_area.title`, "string"),
  field(`${card}.image_text_area.desc`, "string"),
  field(`${card}.image_text_area.image_url`, "url", { required }),
  ...quoteAreaRules,
  field(`${card}.vertical_content_list`, "objects", { items: [0, 4] }),
  field(`${card}.vertical_content_list[].title`, "string", { required, adviceChars: 26 }),
  field(`${card}.vertical_content_list[].desc`, "string", { adviceChars: 112 }),
  ...rowRules,
  ...jumpRules,
  ...actionRules,
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

const plainRules: Readonly<Record<Exclude<MessageType, "template_card">, readonly FieldRule[]>> = {
  text: [
    field("text.content", "string", {
      required: true,
      missing: refusals.emptyContent,
      maxBytes: 2048,
      seenMaxBytes: 5120,
    }),
    field("text.mentioned_list", "strings"),
    field("text.mentioned_mobile_list", "strings"),
  ],
  markdown: [field("markdown.content", "string", { required: true, missing: refusals.emptyContent, maxBytes: 4096 })],
  markdown_v2: [
    field("markdown_v2.content", "string", { required: true, missing: refusals.emptyContent, maxBytes: 4096 }),
  ],
  image: [field("image.base64", "string", { required: true }), field("image.md5", "string", { required: true })],
  news: [
    field("news.articles", "objects", { required: true, items: [1, 8], tooMany: refusals.tooManyArticles }),
    field("news.articles[].title", "string", { required: true, missing: refusals.missingTitle, cutBytes: 128 }),
    field("news.articles[].description", "string", { cutBytes: 512 }),
    field("news.articles[].url", "url", { required: true, schemeOptional: true }),
    field("news.articles[].picurl", "url", { nullRejected: true }),
  ],
  file: [field("file.media_id", "string", { required: true, missing: refusals.missingMediaId })],
  voice: [field("voice.media_id", "string", { required: true, missing: refusals.missingMediaId })],
};

const cardTypeRule = field("template_card.card_type", "string", {
  required: true,
  values: ["text_notice", "news_notice"],
});

/** All tables by name, for the README and the inspection API. */
export const ruleTables: Readonly<Record<string, readonly FieldRule[]>> = {
  ...plainRules,
  "template_card/text_notice": textNoticeRules,
  "template_card/news_notice": newsNoticeRules,
};

export function isMessageType(value: unknown): value is MessageType {
  return messageTypes.some((type) => type === value);
}

/** For a card of unknown type: the rule of card_type alone. */
export function rulesFor(msgtype: MessageType, body: BodyObject): readonly FieldRule[] {
  if (msgtype !== "template_card") return plainRules[msgtype];
  const cardType = bodyTextAt(body, "template_card.card_type");
  if (cardType === "text_notice") return textNoticeRules;
  return cardType === "news_notice" ? newsNoticeRules : [cardTypeRule];
}
