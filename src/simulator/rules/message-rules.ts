// The rule table of the seven plain message types and the choice of the table for a card. Source of every row:
// 消息推送配置说明, developer.work.weixin.qq.com/document/path/99110.

import { type JsonObject, textAt } from "../body-value.ts";
import { newsNoticeRules, textNoticeRules } from "./card-rules.ts";
import { type FieldRule, documentedField as field } from "./field-rule.ts";
import { refusals } from "./refusals.ts";

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
