// The content of a markdown message as WeCom's chat shows it: headings, quotes and inline markup, line by line; all else
// stays raw, as there. In: content; out: safe HTML. markdown_v2 has its own reader.

import { type Html, html } from "../../console/html.ts";
import { inlineHtml } from "./inline.ts";

export function markdownHtml(content: string): Html {
  const blocks: Html[] = [];
  let quoted: Html[] = [];
  const endQuote = () => {
    if (quoted.length > 0) blocks.push(html`<blockquote>${quoted}</blockquote>`);
    quoted = [];
  };
  for (const line of content.split("\n")) {
    const quote = /^\s*>\s?(.*)$/.exec(line);
    if (quote !== null) {
      quoted.push(lineHtml(quote[1] ?? ""));
      continue;
    }
    endQuote();
    blocks.push(lineHtml(line));
  }
  endQuote();
  return html`${blocks}`;
}

function lineHtml(line: string): Html {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading === null) return html`<p>${inlineHtml(line, "markdown")}</p>`;
  const level = (heading[1] ?? "").length;
  return html`<p class="heading level-${level}">${inlineHtml(heading[2] ?? "", "markdown")}</p>`;
}
