// Inline markup of one line as the WeCom client shows it: bold, links, code, colours, mentions; in markdown_v2 italics and
// images instead of colours and mentions. In: text; out: safe HTML. Anything not recognised stays as it was typed.

import { type Html, html } from "../../console/html.ts";

export type InlineKind = "text" | "markdown" | "markdown_v2";

interface Mark {
  readonly pattern: string;
  readonly show: (match: RegExpExecArray, kind: InlineKind) => Html;
}

const colours: Readonly<Record<string, string>> = { info: "info", comment: "comment", warning: "warning" };

const mention: Mark = {
  pattern: "<@(?<userid>[^>\\s]{1,64})>",
  show: ({ groups }) => html`<span class="mention">@${groups?.userid ?? ""}</span>`,
};

/** A mention inside inline code still rings in markdown (observed), so it is shown as one. */
const code: Mark = {
  pattern: "`(?<code>[^`]+)`",
  show: ({ groups }, kind) =>
    html`<code>${kind === "markdown" ? inlineHtml(groups?.code ?? "", "text") : (groups?.code ?? "")}</code>`,
};

const bold: Mark = {
  pattern: "\\*\\*(?<bold>.+?)\\*\\*",
  show: ({ groups }, kind) => html`<b>${inlineHtml(groups?.bold ?? "", kind)}</b>`,
};

const italic: Mark = {
  pattern: "\\*(?<italic>[^*\\s][^*]*)\\*",
  show: ({ groups }, kind) => html`<i>${inlineHtml(groups?.italic ?? "", kind)}</i>`,
};

const image: Mark = {
  pattern: "!\\[(?<alt>[^\\]]*)\\]\\((?<src>[^)\\s]*)\\)",
  show: ({ groups }) => html`<span class="picture small">${groups?.alt || "图片 image"}</span>`,
};

const link: Mark = {
  pattern: "\\[(?<label>[^\\]]*)\\]\\((?<href>[^)\\s]*)\\)",
  show: ({ groups }, kind) => linkHtml(groups?.href ?? "", inlineHtml(groups?.label ?? "", kind)),
};

const font: Mark = {
  pattern: "<font color=(?<quote>[\"'])(?<colour>\\w+)\\k<quote>\\s*>(?<coloured>.*?)</font>",
  show: ({ groups }, kind) => {
    const colour = colours[groups?.colour ?? ""] ?? "plain";
    return html`<span class="font-${colour}">${inlineHtml(groups?.coloured ?? "", kind)}</span>`;
  },
};

const marks: Readonly<Record<InlineKind, readonly Mark[]>> = {
  text: [mention],
  markdown: [code, font, bold, link, mention],
  markdown_v2: [code, bold, italic, image, link],
};

const patterns: Readonly<Record<InlineKind, readonly RegExp[]>> = {
  text: compile("text"),
  markdown: compile("markdown"),
  markdown_v2: compile("markdown_v2"),
};

function compile(kind: InlineKind): readonly RegExp[] {
  return marks[kind].map(({ pattern }) => new RegExp(pattern));
}

/** The leftmost mark wins; what it encloses is read again, the rest after it likewise. */
export function inlineHtml(text: string, kind: InlineKind): Html {
  const pieces: (Html | string)[] = [];
  let rest = text;
  for (let next = firstMark(rest, kind); next !== null; next = firstMark(rest, kind)) {
    pieces.push(rest.slice(0, next.match.index), next.mark.show(next.match, kind));
    rest = rest.slice(next.match.index + next.match[0].length);
  }
  return html`${pieces}${rest}`;
}

function firstMark(text: string, kind: InlineKind) {
  let first: { readonly mark: Mark; readonly match: RegExpExecArray } | null = null;
  for (const [index, pattern] of patterns[kind].entries()) {
    const match = pattern.exec(text);
    const mark = marks[kind][index];
    if (match !== null && mark !== undefined && match.index < (first?.match.index ?? Number.POSITIVE_INFINITY)) {
      first = { mark, match };
    }
  }
  return first;
}

/** Only http and https become links; any other scheme is shown and cannot be clicked. */
export function linkHtml(url: string, label: Html): Html {
  if (!/^https?:\/\//i.test(url)) return html`<span class="dead-link" title="${url}">${label}</span>`;
  return html`<a href="${url}" title="${url}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}
