// Messages as plain text: what is said stays, how it was marked goes. `<@userid>` stays, for text messages know it too.

import { textMaxBytes } from "../../wecom/limits.ts";
import type { NewsNoticeCard, TextMessage, TextNoticeCard, WecomMessage } from "../../wecom/message.ts";
import { graphemeEnd } from "../fit/shorten.ts";
import { repeatMarkBytes } from "../possibly-repeated.ts";
import { linksSpelledOut } from "./markdown-links.ts";

/** Text messages, each within the limit and with room for the note that it may be repeated. */
export function asPlain(message: WecomMessage): readonly TextMessage[] {
  return inPieces(plainContent(message), textMaxBytes - repeatMarkBytes).map((content) => ({
    msgtype: "text",
    text: { content },
  }));
}

/** Empty for what has no text. */
function plainContent(message: WecomMessage): string {
  switch (message.msgtype) {
    case "text":
      return message.text.content;
    case "markdown":
      return withoutMarkup(message.markdown.content);
    case "markdown_v2":
      return withoutMarkup(message.markdown_v2.content);
    case "template_card":
      return withoutMentions(cardText(message.template_card));
    case "news":
      return withoutMentions(
        message.news.articles.map(({ title, description, url }) => lines(title, description, url)).join("\n"),
      );
    case "image":
    case "file":
    case "voice":
      return "";
  }
}

/** Cards and articles know none, so nothing in them was meant as one. */
function withoutMentions(text: string): string {
  return text.replaceAll("<@", "＜@");
}

/** Inside code everything is meant as it stands, but the backticks. */
function withoutMarkup(content: string): string {
  return linksSpelledOut(content)
    .split("\n")
    .map((line) =>
      line
        .replace(/^>\s?/, "")
        .replace(/^#{1,6}\s+/, "")
        .replace(/`([^`]*)`|<font[^>]*>|<\/font>|\*\*/g, (_, code: string | undefined) => code ?? ""),
    )
    .join("\n")
    .trim();
}

function cardText(card: TextNoticeCard | NewsNoticeCard): string {
  const { source, main_title, quote_area, card_action } = card;
  const rows = (card.horizontal_content_list ?? []).map(({ keyname, value, url }) =>
    line(`${keyname}: ${value ?? ""}`, url),
  );
  const jumps = (card.jump_list ?? []).map(({ title, url }) => line(title, url));
  return lines(
    ...[source?.desc, main_title.title, main_title.desc, ownText(card)],
    ...[quote_area?.title, quote_area?.quote_text, quote_area?.url, ...rows, ...jumps],
    ...(card_action.type === 1 ? [card_action.url] : []),
  );
}

/** What only its kind of card has. */
function ownText(card: TextNoticeCard | NewsNoticeCard): string {
  if (card.card_type === "text_notice") {
    const { emphasis_content } = card;
    return lines(line(emphasis_content?.title, emphasis_content?.desc), card.sub_title_text);
  }
  const { image_text_area, vertical_content_list } = card;
  const rows = (vertical_content_list ?? []).map(({ title, desc }) => line(title, desc));
  return lines(image_text_area?.title, image_text_area?.desc, image_text_area?.url, ...rows, card.card_image.url);
}

function line(...texts: readonly (string | undefined)[]): string {
  return filled(texts).join(" ");
}

function lines(...texts: readonly (string | undefined)[]): string {
  return filled(texts).join("\n");
}

function filled(texts: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return texts.filter((text) => text !== undefined && text !== "");
}

/** By lines as far as they fit, a longer one by graphemes. Nothing is lost but the line feeds between pieces. */
function inPieces(text: string, maxBytes: number): readonly string[] {
  const pieces: string[] = [];
  for (const one of text.split("\n").flatMap((whole) => cutLine(whole, maxBytes))) {
    const last = pieces.at(-1);
    const joined = last === undefined ? one : `${last}\n${one}`;
    if (last === undefined || Buffer.byteLength(joined) > maxBytes) pieces.push(one);
    else pieces[pieces.length - 1] = joined;
  }
  return pieces.filter((piece) => piece.trim() !== "");
}

function cutLine(whole: string, maxBytes: number): readonly string[] {
  const pieces: string[] = [];
  let rest = whole;
  while (Buffer.byteLength(rest) > maxBytes) {
    const end = Math.max(1, graphemeEnd(rest, maxBytes));
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest];
}
