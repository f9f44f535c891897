// The inline markup of one line as the WeCom client shows it. What is not recognised stays plain text.

import { type Html, html } from "./html.ts";

type InlineKind = "text" | "markdown" | "markdown_v2";

interface Mark {
  readonly pattern: string;
  readonly show: (match: RegExpExecArray, kind: InlineKind) => Html;
}

const fontColours: Readonly<Record<string, string>> = { info: "info", comment: "comment", warning: "warning" };

const mentionMark: Mark = {
  pattern: "<@(?<userid>[^>\\s]{1,64})>",
  show: ({ groups }) => html`<span class="mention">@${groups?.userid ?? ""}</span>`,
};

/** A mention inside inline code still works in markdown (observed), so it is shown as one. */
const codeMark: Mark = {
  pattern: "`(?<code>[^`]+)`",
  show: ({ groups }, kind) =>
    html`<code>${kind === "markdown" ? inlineHtml(groups?.code ?? "", "text") : (groups?.code ?? "")}</code>`,
};

const boldMark: Mark = {
  pattern: "\\*\\*(?<bold>.+?)\\*\\*",
  show: ({ groups }, kind) => html`<b>${inlineHtml(groups?.bold ?? "", kind)}</b>`,
};

const italicMark: Mark = {
  pattern: "\\*(?<italic>[^*\\s][^*]*)\\*",
  show: ({ groups }, kind) => html`<i>${inlineHtml(groups?.italic ?? "", kind)}</i>`,
};

const imageMark: Mark = {
  pattern: "!\\[(?<alt>[^\\]]*)\\]\\((?<src>[^)\\s]*)\\)",
  show: ({ groups }) => html`<span class="picture small">${groups?.alt || "图片 image"}</span>`,
};

const linkMark: Mark = {
  pattern: "\\[(?<label>[^\\]]*)\\]\\((?<href>[^)\\s]*)\\)",
  show: ({ groups }, kind) => linkHtml(groups?.href ?? "", inlineHtml(groups?.label ?? "", kind)),
};

const fontMark: Mark = {
  pattern: "<font color=(?<quote>[\"'])(?<colour>\\w+)\\k<quote>\\s*>(?<coloured>.*?)</font>",
  show: ({ groups }, kind) => {
    const colour = fontColours[groups?.colour ?? ""] ?? "plain";
    return html`<span class="font-${colour}">${inlineHtml(groups?.coloured ?? "", kind)}</span>`;
  },
};

const marksByKind: Readonly<Record<InlineKind, readonly Mark[]>> = {
  text: [mentionMark],
  markdown: [codeMark, fontMark, boldMark, linkMark, mentionMark],
  markdown_v2: [codeMark, boldMark, italicMark, imageMark, linkMark],
};

const patterns: Readonly<Record<InlineKind, readonly RegExp[]>> = {
  text: compile("text"),
  markdown: compile("markdown"),
  markdown_v2: compile("markdown_v2"),
};

function compile(kind: InlineKind): readonly RegExp[] {
  return marksByKind[kind].map(({ pattern }) => new RegExp(pattern));
}

/** The leftmost mark is read first, then the text inside it, then the rest of the line. */
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
    const mark = marksByKind[kind][index];
    if (match !== null && mark !== undefined && match.index < (first?.match.index ?? Number.POSITIVE_INFINITY)) {
      first = { mark, match };
    }
  }
  return first;
}

/** Only http and https become links; a URL with another scheme cannot be clicked. */
export function linkHtml(url: string, label: Html): Html {
  if (!/^https?:\/\//i.test(url)) return html`<span class="dead-link" title="${url}">${label}</span>`;
  return html`<a href="${url}" title="${url}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}
