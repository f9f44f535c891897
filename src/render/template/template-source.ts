// Text of a template and what is wrong with it. An error of Handlebars becomes an issue with a position: its compiler
// reports one, its parser only quotes up to 20 characters on each side of it.

import type { Issue } from "../../domain/issue.ts";
import type { Language } from "../../domain/message-kind.ts";

/** The text of one template, as read from its file. */
export interface TemplateSource {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** Of a built-in template; null for every language. */
  readonly language: Language | null;
}

export function templateSyntaxIssue({ path, text }: TemplateSource, error: unknown): Issue {
  const message = error instanceof Error ? error.message : String(error);
  const { line, column } = reportedPosition(error) ?? quotedPosition(text, message) ?? { line: 1, column: 1 };
  return { code: "template_syntax", path, line, column, message: shortMessage(message) };
}

interface TextPosition {
  readonly line: number;
  readonly column: number;
}

function reportedPosition(error: unknown): TextPosition | null {
  const { lineNumber, column } = error as { lineNumber?: unknown; column?: unknown };
  if (typeof lineNumber !== "number" || typeof column !== "number") return null;
  return { line: lineNumber, column: column + 1 };
}

/**
 * "Parse error on line 2:\n...text before{{#if x}\n-----------------^\nExpecting …": the dashes end where the token
 * starts.
 */
function quotedPosition(text: string, message: string): TextPosition | null {
  const [, , quotation = "", dashes = ""] = message.match(/on line (\d+)[^\n]*\n([^\n]*)\n(-*)\^/) ?? [];
  if (quotation === "" && dashes === "") return null;
  const before = quotation.slice(0, dashes.length).replace(/^\.\.\./, "");
  const after = quotation.slice(dashes.length).replace(/\.\.\.$/, "");
  const reported = Number(message.match(/on line (\d+)/)?.[1]);
  const positions = positionsOf(text, before, after);
  return positions.find((position) => position.line === reported) ?? positions[0] ?? { line: reported, column: 1 };
}

/** All positions where the quotation fits; the parser leaves line ends out of it. */
function positionsOf(text: string, before: string, after: string): TextPosition[] {
  const kept = [...text.matchAll(/[^\n]/g)].map((match) => match.index);
  const flat = text.replaceAll("\n", "");
  const positions: TextPosition[] = [];
  for (let at = flat.indexOf(before + after); at !== -1; at = flat.indexOf(before + after, at + 1)) {
    const last = kept[at + before.length - 1];
    const index = kept[at + before.length] ?? (last === undefined ? 0 : last + 1);
    const lines = text.slice(0, index).split("\n");
    positions.push({ line: lines.length, column: (lines.at(-1) ?? "").length + 1 });
  }
  return positions;
}

function shortMessage(message: string): string {
  const [first = "", ...rest] = message.split("\n");
  const expecting = rest.find((line) => line.startsWith("Expecting"));
  const got = expecting?.match(/got '([^']*)'/)?.[1];
  if (expecting !== undefined && got !== undefined) return `unexpected ${tokenTexts[got] ?? got}`;
  return first.replace(/ - \d+:\d+$/, "").replace(/^Lexical error on line \d+\. /, "");
}

/** What the parser's names of tokens stand for. */
const tokenTexts: Readonly<Record<string, string>> = {
  EOF: "end of the template: a block or {{ is not closed",
  INVALID: "character or end inside {{ }}",
  CLOSE: "}}",
  CLOSE_UNESCAPED: "}}}",
  CLOSE_BLOCK_PARAMS: "|",
  OPEN_BLOCK_PARAMS: "|",
  CLOSE_SEXPR: ")",
  OPEN: "{{",
  OPEN_BLOCK: "{{#",
  OPEN_ENDBLOCK: "{{/: no such block is open",
  OPEN_INVERSE_CHAIN: "{{else: no block is open",
  INVERSE: "{{else}}: no block is open",
  SEP: ". or /: a path starts with a name",
  OPEN_SEXPR: "( where a path starts; {{print (…)}} prints what a call gives",
  EQUALS: "=",
};
