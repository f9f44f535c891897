// Messages as plain text: what is said stays, how it was marked goes. `<@userid>` stays, for text messages know it too.

import { textMaxBytes } from "../wecom/limits.ts";
import type { TextMessage, TextNoticeCard, WecomMessage } from "../wecom/message.ts";
import { linksSpelledOut } from "./markdown-links.ts";
import { repeatMarkBytes } from "./possibly-repeated.ts";
import { graphemeEnd } from "./shorten.ts";

/** Text messages, each within the limit and with room for the note that it may be repeated. */
export function asPlain(message: WecomMessage): readonly TextMessage[] {
  return inPieces(plainContent(message), textMaxBytes - repeatMarkBytes).map((content) => ({
    msgtype: "text",
    text: { content },
  }));
}

function plainContent(message: WecomMessage): string {
  if (message.msgtype === "text") return message.text.content;
  return message.msgtype === "markdown" ? withoutMarkup(message.markdown.content) : cardText(message.template_card);
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

function cardText(card: TextNoticeCard): string {
  const { source, main_title, emphasis_content, quote_area, card_action } = card;
  const rows = (card.horizontal_content_list ?? []).map(({ keyname, value, url }) =>
    line(`${keyname}: ${value ?? ""}`, url),
  );
  const jumps = (card.jump_list ?? []).map(({ title, url }) => line(title, url));
  const lines = [
    ...[source?.desc, main_title.title, main_title.desc, line(emphasis_content?.title, emphasis_content?.desc)],
    ...[card.sub_title_text, quote_area?.title, quote_area?.quote_text, quote_area?.url, ...rows, ...jumps],
    ...(card_action.type === 1 ? [card_action.url] : []),
  ];
  return lines.filter((text) => text !== undefined && text !== "").join("\n");
}

function line(...texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== "").join(" ");
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
