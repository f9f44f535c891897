// What replaces a body that WeCom refused: the same content in smaller parts, without links, without media, or as plain text.

import type { CardMessage, HorizontalContent, TextMessage, TextNoticeCard, WecomMessage } from "../wecom/message.ts";
import { linksAsText } from "./markdown-links.ts";
import { openFont } from "./place.ts";
import { asPlain } from "./plain.ts";
import { graphemeEnd } from "./shorten.ts";

export type Repair = "split" | "links" | "media" | "plain";

/** null: this repair would change nothing; there is nothing left to try. */
export function repairMessage(message: WecomMessage, repair: Repair): readonly WecomMessage[] | null {
  switch (repair) {
    case "split":
      return split(message);
    case "links":
      return withoutLinks(message);
    case "media":
      return message.msgtype === "template_card" ? withoutMedia(message) : null;
    case "plain":
      return message.msgtype === "text" ? null : someOf(asPlain(message));
  }
}

function someOf(messages: readonly WecomMessage[]): readonly WecomMessage[] | null {
  return messages.length === 0 ? null : messages;
}

function split(message: WecomMessage): readonly WecomMessage[] | null {
  if (message.msgtype === "text") return halvesOfText(message);
  if (message.msgtype === "template_card") return someOf(asPlain(message));
  const lines = message.markdown.content.split("\n");
  const halves = halvesOf(lines);
  if (halves !== null) return halves.map((content) => ({ msgtype: "markdown", markdown: { content } }));
  const plain = asPlain(message);
  return plain.length > 1 ? plain : null;
}

/** At the line where half of the bytes are through. A colour that is open there is closed, and opened again. */
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

/** Whom the message names is named once, with the first half. */
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
  if (message.msgtype === "text") return null;
  if (message.msgtype === "markdown") {
    const content = linksAsText(message.markdown.content);
    return content === message.markdown.content ? null : [{ msgtype: "markdown", markdown: { content } }];
  }
  const card = message.template_card;
  // A card must lead somewhere, and a mini program is the only place that is no URL.
  if (card.card_action.type === 1) return someOf(asPlain(message));
  return changed(message, cardWithoutLinks(card));
}

function cardWithoutLinks(card: TextNoticeCard): TextNoticeCard {
  const { source, jump_list, quote_area, horizontal_content_list, ...rest } = card;
  const { icon_url: _icon, ...shownSource } = source ?? {};
  const { url: _url, type, ...quote } = quote_area ?? {};
  const jumps = jump_list?.filter((jump) => jump.type === 2);
  return {
    ...rest,
    ...(source === undefined ? {} : { source: shownSource }),
    ...(quote_area === undefined ? {} : { quote_area: type === 2 ? { type, ...quote } : quote }),
    ...(horizontal_content_list === undefined
      ? {}
      : { horizontal_content_list: horizontal_content_list.map(rowWithoutLink) }),
    ...(jumps === undefined ? {} : { jump_list: jumps }),
  };
}

function rowWithoutLink(row: HorizontalContent): HorizontalContent {
  const { keyname, value } = row;
  return row.type === 1 ? { keyname, ...(value === undefined ? {} : { value }) } : row;
}

function withoutMedia(message: CardMessage): readonly WecomMessage[] | null {
  const card = message.template_card;
  const { icon_url: _icon, ...source } = card.source ?? {};
  const rows = card.horizontal_content_list?.map((row) => {
    const { keyname, value } = row;
    return row.type === 2 ? { keyname, ...(value === undefined ? {} : { value }) } : row;
  });
  return changed(message, {
    ...card,
    ...(card.source === undefined ? {} : { source }),
    ...(rows === undefined ? {} : { horizontal_content_list: rows }),
  });
}

function changed(message: CardMessage, card: TextNoticeCard): readonly WecomMessage[] | null {
  const isSame = JSON.stringify(card) === JSON.stringify(message.template_card);
  return isSame ? null : [{ ...message, template_card: card }];
}
