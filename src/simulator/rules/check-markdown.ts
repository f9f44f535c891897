// Checks the content of markdown and markdown_v2 for syntax that the page does not describe: colours, mentions, tables,
// links. WeCom accepts such content and shows it wrongly, so only a link that is too long is rejected.

import { robotUrlMaxBytes } from "./field-rule.ts";
import { type RuleFinding, rejection, remark, type Severity } from "./finding.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

type MarkdownKind = "markdown" | "markdown_v2";

const documentedColours = ["info", "comment", "warning"];

export function checkMarkdown(kind: MarkdownKind, content: string, switches: Switches): readonly RuleFinding[] {
  const lint = kind === "markdown" ? lintMarkdown(content) : lintMarkdownV2(content);
  const severity = switches.lint === "violation" ? "flag" : "advice";
  return [
    ...checkLinks(kind, content, switches),
    ...lint.map(({ aspect, detail }) => note(kind, aspect, detail, severity)),
    ...adviseMarkdown(kind, content),
  ];
}

interface Lint {
  readonly aspect: string;
  readonly detail: string;
}

function note(kind: MarkdownKind, aspect: string, detail: string, severity: Exclude<Severity, "reject">): RuleFinding {
  return remark({ rule: `${kind}/${aspect}`, step: "content", detail: `${kind}.content: ${detail}` }, severity);
}

/** Includes inline code: a mention inside it works (observed), and no page says that a font tag does not. */
function lintMarkdown(content: string): readonly Lint[] {
  return [...lintFonts(content), ...lintMentionOfAll(content), ...lintTable(content)];
}

function lintFonts(content: string): readonly Lint[] {
  const lints: Lint[] = [];
  let open = 0;
  for (const [tag, attributes] of content.matchAll(/<font([^>]*)>?|<\/font\s*>/gi)) {
    if (tag.startsWith("</")) {
      open -= 1;
      if (open < 0) lints.push({ aspect: "font-unopened", detail: "</font> without <font>" });
      open = Math.max(open, 0);
      continue;
    }
    open += 1;
    if (open > 1) lints.push({ aspect: "font-nested", detail: "<font> inside <font>" });
    const colour = /^\s+color\s*=\s*(["'])([a-z]+)\1\s*$/i.exec(attributes ?? "")?.[2] ?? "";
    if (!documentedColours.includes(colour))
      lints.push({ aspect: "font-colour", detail: `${tag.slice(0, 60)} is not a documented colour` });
  }
  if (open > 0) lints.push({ aspect: "font-unclosed", detail: "<font> is not closed" });
  return lints;
}

function lintMentionOfAll(content: string): readonly Lint[] {
  const all = /<@(?:all|everyone|所有人)>/i.exec(content);
  return all === null ? [] : [{ aspect: "mention-all", detail: `${all[0]} does not mention anybody in markdown` }];
}

/** A table is a row of pipes above a row of dashes. */
function lintTable(content: string): readonly Lint[] {
  const lines = content.split("\n");
  const table = lines.some((line, index) => line.includes("|") && isSeparatorRow(lines[index + 1] ?? ""));
  return table ? [{ aspect: "table", detail: "markdown shows a table as plain text; use markdown_v2" }] : [];
}

export function isSeparatorRow(line: string): boolean {
  return line.includes("|") && /^[ \t]*\|?([ \t]*:?-+:?[ \t]*(\||$))+[ \t]*$/.test(line);
}

function lintMarkdownV2(content: string): readonly Lint[] {
  const shown = withoutCode(content);
  const font = /<\/?font\b/i.test(shown);
  const mention = /<@[^>\s]+>/.exec(shown);
  return [
    ...(font ? [{ aspect: "font", detail: "colours are not supported" }] : []),
    ...(mention !== null ? [{ aspect: "mention", detail: `${mention[0].slice(0, 60)}: mentions do not work` }] : []),
  ];
}

function withoutCode(content: string): string {
  return content.replace(/^```[\s\S]*?(?:^```[ \t]*$|$(?![\s\S]))/gm, "").replace(/`[^`\n]+`/g, "");
}

function checkLinks(kind: MarkdownKind, content: string, switches: Switches): readonly RuleFinding[] {
  return linkUrls(content).flatMap((url) => {
    const bytes = Buffer.byteLength(url);
    if (bytes > robotUrlMaxBytes) {
      const detail = `a link of ${bytes} bytes, the limit is ${robotUrlMaxBytes}`;
      const place = { rule: `${kind}/link-bytes`, step: "content", detail } as const;
      return [switches.longMarkdownLink === "reject" ? rejection(place, refusals.urlTooLong) : remark(place, "flag")];
    }
    return /^https?:\/\//i.test(url) ? [] : [note(kind, "link-scheme", "a link without http(s)://", "advice")];
  });
}

function linkUrls(content: string): readonly string[] {
  return [...withoutCode(content).matchAll(/\]\(([^)\s]*)[^)\n]*\)/g)].map((match) => match[1] ?? "");
}

const undocumentedInMarkdown: readonly { readonly aspect: string; readonly pattern: RegExp; readonly what: string }[] =
  [
    { aspect: "code-block", pattern: /^```/m, what: "a fenced code block" },
    { aspect: "image", pattern: /!\[[^\]\n]*\]\(/, what: "an image" },
    { aspect: "nested-quote", pattern: /^\s*>\s*>/m, what: "a nested quote" },
    { aspect: "rule", pattern: /^\s*-{3,}\s*$/m, what: "a rule" },
  ];

function adviseMarkdown(kind: MarkdownKind, content: string): readonly RuleFinding[] {
  if (kind === "markdown_v2") return [];
  const found = undocumentedInMarkdown.filter(({ pattern }) => pattern.test(content));
  return found.map(({ aspect, what }) => note(kind, aspect, `${what} is documented for markdown_v2 only`, "advice"));
}
