// The content of markdown and markdown_v2 messages as safe HTML, read the way WeCom shows it.

import { isSeparatorRow } from "../rules/check-markdown.ts";
import { type Html, html } from "./html.ts";
import { inlineHtml } from "./inline.ts";

/** Markdown as WeCom shows it: headings, quotes and inline markup, line by line; the rest stays plain text. */
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
      quoted.push(markdownLineHtml(quote[1] ?? ""));
      continue;
    }
    endQuote();
    blocks.push(markdownLineHtml(line));
  }
  endQuote();
  return html`${blocks}`;
}

function markdownLineHtml(line: string): Html {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading === null) return html`<p>${inlineHtml(line, "markdown")}</p>`;
  const level = (heading[1] ?? "").length;
  return html`<p class="heading level-${level}">${inlineHtml(heading[2] ?? "", "markdown")}</p>`;
}

interface MarkdownBlock {
  readonly html: Html;
  /** The number of source lines. */
  readonly lines: number;
}

/** markdown_v2 as WeCom shows it: headings, lists, quotes of up to three levels, code blocks, rules, tables. */
export function markdownV2Html(content: string): Html {
  const lines = content.split("\n");
  const blocks: Html[] = [];
  for (let at = 0; at < lines.length; ) {
    const rest = lines.slice(at);
    const block = readCode(rest) ?? readTable(rest) ?? { html: markdownV2LineHtml(rest[0] ?? ""), lines: 1 };
    blocks.push(block.html);
    at += block.lines;
  }
  return html`${blocks}`;
}

function readCode(lines: readonly string[]): MarkdownBlock | null {
  if (!/^\s*```/.test(lines[0] ?? "")) return null;
  const end = lines.findIndex((line, index) => index > 0 && /^\s*```\s*$/.test(line));
  const last = end === -1 ? lines.length : end;
  return { html: html`<pre>${lines.slice(1, last).join("\n")}</pre>`, lines: Math.min(last + 1, lines.length) };
}

/** Without a separator row below the first row WeCom shows the pipes as text. */
function readTable(lines: readonly string[]): MarkdownBlock | null {
  const [head = "", separator = ""] = lines;
  if (!head.includes("|") || !isSeparatorRow(separator)) return null;
  const end = lines.findIndex((line, index) => index > 1 && !line.includes("|"));
  const rows = lines.slice(2, end === -1 ? lines.length : end);
  const alignment = cells(separator).map(alignmentOf);
  const body = rows.map((row) => html`<tr>${rowHtml(row, alignment)}</tr>`);
  const table = html`<table><thead><tr>${rowHtml(head, alignment)}</tr></thead><tbody>${body}</tbody></table>`;
  return { html: table, lines: rows.length + 2 };
}

function rowHtml(row: string, alignment: readonly string[]): readonly Html[] {
  return cells(row).map(
    (cell, index) => html`<td class="${alignment[index] ?? "left"}">${inlineHtml(cell, "markdown_v2")}</td>`,
  );
}

function cells(row: string): readonly string[] {
  const inner = row.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split("|").map((cell) => cell.trim());
}

function alignmentOf(cell: string): string {
  if (cell.startsWith(":") && cell.endsWith(":")) return "center";
  return cell.endsWith(":") ? "right" : "left";
}

function markdownV2LineHtml(line: string): Html {
  if (/^\s*(-{3,}|\*{3,})\s*$/.test(line)) return html`<hr>`;
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading !== null) {
    return html`<p class="heading level-${(heading[1] ?? "").length}">${inlineHtml(heading[2] ?? "", "markdown_v2")}</p>`;
  }
  const quote = /^\s*((?:>\s?)+)(.*)$/.exec(line);
  if (quote !== null) {
    const depth = Math.min((quote[1] ?? "").replaceAll(/\s/g, "").length, 3);
    return html`<blockquote class="depth-${depth}"><p>${inlineHtml(quote[2] ?? "", "markdown_v2")}</p></blockquote>`;
  }
  return listItemHtml(line) ?? html`<p>${inlineHtml(line, "markdown_v2")}</p>`;
}

function listItemHtml(line: string): Html | null {
  const item = /^(\s*)([-*+]|\d+\.)\s+(.*)$/.exec(line);
  if (item === null) return null;
  const [, indent = "", bullet = "", text = ""] = item;
  const depth = Math.min(Math.floor(indent.length / 2), 3);
  const sign = /\d/.test(bullet) ? bullet : "•";
  return html`<p class="item indent-${depth}"><span class="bullet">${sign}</span>${inlineHtml(text, "markdown_v2")}</p>`;
}
