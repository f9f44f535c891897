// What replaces a message that WeCom rejected: the same content in smaller messages, without links, without media, or
// as plain text. A file, a picture and a voice clip have no replacement.

import type { Repair } from "../wecom/errcode.ts";
import type { CardMessage, NewsNoticeCard, TextMessage, TextNoticeCard, WecomMessage } from "../wecom/message.ts";
import { graphemeEnd } from "./fit/shorten-text.ts";
import { openFont } from "./markup/markdown-cursor.ts";
import { asPlain, linksAsText } from "./markup/plain-text.ts";

/** Null when this repair would change nothing. */
export function repairMessage(message: WecomMessage, repair: Repair): readonly WecomMessage[] | null {
  switch (repair) {
    case "split":
      return split(message);
    case "links":
      return withoutLinks(message);
    case "media":
      return withoutMedia(message);
    case "plain":
      return message.msgtype === "text" ? null : someOf(asPlain(message));
  }
}

function someOf(messages: readonly WecomMessage[]): readonly WecomMessage[] | null {
  return messages.length === 0 ? null : messages;
}

function split(message: WecomMessage): readonly WecomMessage[] | null {
  if (message.msgtype === "text") return halvesOfText(message);
  if (message.msgtype === "template_card" || message.msgtype === "news") return someOf(asPlain(message));
  const halves = message.msgtype === "markdown" ? halvesOf(message.markdown.content.split("\n")) : null;
  if (halves !== null) return halves.map((content) => ({ msgtype: "markdown", markdown: { content } }));
  const plain = asPlain(message);
  return plain.length > 1 ? plain : null;
}

/** At the line that passes half of the bytes. A colour that is open there is closed and opened again. */
function halvesOf(lines: readonly string[]): readonly string[] | null {
  const middle = middleLine(lines);
  const first = lines.slice(0, middle);
  const second = lines.slice(middle);
  if (isBlank(first) || isBlank(second)) return null;
  const font = first.reduce<string | null>((open, line) => openFont(line, open), null);
  return [first.join("\n") + (font === null ? "" : "</font>"), (font ?? "") + second.join("\n")];
}

function isBlank(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim() === "");
}

/** 1 to the last line, so that neither half is empty. */
function middleLine(lines: readonly string[]): number {
  const half = Buffer.byteLength(lines.join("\n")) / 2;
  let bytes = 0;
  const index = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes >= half;
  });
  return Math.min(Math.max(1, index + 1), lines.length - 1);
}

/** The mentions stay with the first half only. */
function halvesOfText(message: TextMessage): readonly WecomMessage[] | null {
  const { content } = message.text;
  const halves = halvesOf(content.split("\n")) ?? halvesOfLine(content);
  if (halves === null) return null;
  return halves.map((half, index) => ({
    msgtype: "text",
    text: { ...(index === 0 ? message.text : {}), content: half },
  }));
}

function halvesOfLine(content: string): readonly string[] | null {
  const end = graphemeEnd(content, Math.ceil(Buffer.byteLength(content) / 2));
  const halves = [content.slice(0, end), content.slice(end)];
  return halves.some((half) => half.trim() === "") ? null : halves;
}

function withoutLinks(message: WecomMessage): readonly WecomMessage[] | null {
  switch (message.msgtype) {
    case "markdown": {
      const content = linksAsText(message.markdown.content);
      return content === message.markdown.content ? null : [{ msgtype: "markdown", markdown: { content } }];
    }
    case "markdown_v2": {
      const content = linksAsText(message.markdown_v2.content);
      return content === message.markdown_v2.content ? null : [{ msgtype: "markdown_v2", markdown_v2: { content } }];
    }
    case "template_card": {
      const card = message.template_card;
      // A card needs an action, and only a mini program is no URL; the picture of a news_notice is a URL as well.
      if (card.card_action.type === 1 || card.card_type === "news_notice") return someOf(asPlain(message));
      return changed(message, cardWithoutLinks(card));
    }
    case "news":
      return someOf(asPlain(message));
    default:
      return null;
  }
}

/** A mini program (type 2) is no URL and stays. */
function cardWithoutLinks(card: TextNoticeCard): TextNoticeCard {
  const { jump_list, ...rest } = card;
  const jumps = jump_list === undefined ? {} : { jump_list: jump_list.filter((jump) => jump.type === 2) };
  const isLink = (field: string, type: unknown) =>
    field === "url" || field === "icon_url" || (field === "type" && type === 1);
  return { ...withoutFields(rest, isLink), ...jumps };
}

/** `isLeftOut` is asked for each field of each object in the card, with the `type` beside it. */
function withoutFields<Card>(card: Card, isLeftOut: (field: string, type: unknown) => boolean): Card {
  const text = JSON.stringify(card, function (this: { readonly type?: unknown }, field, value) {
    return isLeftOut(field, this.type) ? undefined : value;
  });
  return JSON.parse(text) as Card;
}

/** Removes the picture that WeCom cannot show; a message that needs its picture becomes text. */
function withoutMedia(message: WecomMessage): readonly WecomMessage[] | null {
  if (message.msgtype === "news") {
    const articles = message.news.articles.map(({ picurl: _picurl, ...article }) => article);
    const isSame = message.news.articles.every(({ picurl }) => picurl === undefined);
    return isSame ? null : [{ msgtype: "news", news: { articles } }];
  }
  if (message.msgtype !== "template_card") return null;
  const card = message.template_card;
  return card.card_type === "news_notice" ? someOf(asPlain(message)) : changed(message, cardWithoutMedia(card));
}

function cardWithoutMedia(card: TextNoticeCard): TextNoticeCard {
  const rows = card.horizontal_content_list;
  const isFile = (field: string, type: unknown) => field === "media_id" || (field === "type" && type === 2);
  return {
    ...withoutFields(card, (field) => field === "icon_url"),
    ...(rows === undefined ? {} : { horizontal_content_list: withoutFields(rows, isFile) }),
  };
}

function changed(message: CardMessage, card: TextNoticeCard | NewsNoticeCard): readonly WecomMessage[] | null {
  const isSame = JSON.stringify(card) === JSON.stringify(message.template_card);
  return isSame ? null : [{ ...message, template_card: card }];
}
