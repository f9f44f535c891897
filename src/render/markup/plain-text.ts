// Messages as plain text: the same content without markup. `<@userid>` stays, because text messages know it too.

import { textMaxBytes, urlMaxBytes } from "../../wecom/limits.ts";
import type { NewsNoticeCard, TextMessage, TextNoticeCard, WecomMessage } from "../../wecom/message.ts";
import { graphemeEnd } from "../fit/shorten-text.ts";
import { repeatMarkBytes } from "../possibly-repeated.ts";
import { filled } from "../view/strings.ts";

/** Text messages within the limit, each with room for the mark "possibly repeated". */
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
      return brokenMentions(cardText(message.template_card));
    case "news":
      return brokenMentions(
        message.news.articles.map(({ title, description, url }) => lines(title, description, url)).join("\n"),
      );
    case "image":
    case "file":
    case "voice":
      return "";
  }
}

/** Cards and articles have no mentions, so a text of them must not become one. */
function brokenMentions(text: string): string {
  return text.replaceAll("<@", "＜@");
}

/** The content of inline code stays as it is. */
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
    source?.desc,
    main_title.title,
    main_title.desc,
    ownText(card),
    quote_area?.title,
    quote_area?.quote_text,
    quote_area?.url,
    ...rows,
    ...jumps,
    card_action.type === 1 ? card_action.url : undefined,
  );
}

/** The fields that only its type of card has. */
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

/** By lines as far as they fit; a longer line by graphemes. Only the line feeds between pieces are lost. */
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

const link = /\[([^[\]\n]*)\]\(([^()\s]*)\)/g;

/** Replaces a link by its text where WeCom would reject the URL or it leads nowhere. */
export function dropBadLinks(body: string): string {
  return body.replace(link, (whole, text: string, url: string) => (isSendable(url) ? whole : text));
}

function isSendable(url: string): boolean {
  return /^https?:\/\//i.test(url) && Buffer.byteLength(url) <= urlMaxBytes;
}

/** Replaces every link by its text. */
export function linksAsText(body: string): string {
  return body.replace(link, "$1");
}

/** Writes every link as `text url`, for plain text. */
function linksSpelledOut(body: string): string {
  return body.replace(link, "$1 $2");
}
