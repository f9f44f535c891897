// What is wrong where YAML cannot be read. The parser reports the place at which it gives up; the mistake is there or one line below.

import type { YAMLError } from "yaml";
import { lineHint } from "./pasted.ts";

interface YamlMistake {
  /** 1-based, as `column`. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export function yamlMistake(code: YAMLError["code"], place: Omit<YamlMistake, "message">, text: string): YamlMistake {
  const message = messages[code];
  const found = layoutCodes.has(code) || message === undefined ? layoutMistake(place.line, text.split(/\r?\n/u)) : null;
  const nothingKnown = "not valid YAML here; check indentation, quotes and brackets around this place";
  return found ?? { ...place, message: message ?? nothingKnown };
}

function layoutMistake(reported: number, lines: readonly string[]): YamlMistake | null {
  for (const line of [reported, reported + 1]) {
    const written = lines[line - 1] ?? "";
    const column = indentOf(written) + 1;
    const message = lineHint(written) ?? indentHint(lines.slice(0, line - 1), written);
    if (message !== null) return { line, column, message };
  }
  return null;
}

/** Null when the line may begin where it begins. */
function indentHint(above: readonly string[], line: string): string | null {
  const open = openBlocks(above);
  const indent = indentOf(line);
  const last = open.at(-1);
  if (!hasContent(line) || last === undefined || open.includes(indent)) return null;
  const opensBlock = /[-:|>,[{]\s*(?:#.*)?$/u.test(above.findLast(hasContent) ?? "");
  if (indent > last && opensBlock) return null;
  const fitting = [open.findLast((column) => column < indent), open.find((column) => column > indent)];
  const spaces = fitting.filter((column) => column !== undefined).join(" or ");
  return `wrong indentation: ${indent} spaces, but the lines above have ${spaces}`;
}

/** The columns, counted from 0, in which a line after these may begin. */
function openBlocks(lines: readonly string[]): readonly number[] {
  let open: readonly number[] = [];
  for (const line of lines.filter(hasContent)) {
    const indent = indentOf(line);
    const dashes = [...line.matchAll(/(?<=^\s*(?:-\s+)*)-\s+/gu)].map((dash) => dash.index + dash[0].length);
    open = [...open.filter((column) => column < indent), indent, ...dashes];
  }
  return open;
}

function hasContent(line: string): boolean {
  return /^\s*[^\s#]/u.test(line);
}

function indentOf(line: string): number {
  return Math.max(0, line.search(/\S/u));
}

/** A wrong layout is reported as one of these, or as a code without a message. */
const layoutCodes: ReadonlySet<string> = new Set(["BAD_INDENT", "MISSING_CHAR"]);

const messages: Partial<Readonly<Record<YAMLError["code"], string>>> = {
  BAD_ALIAS: "an alias (*name) without an anchor (&name) before it",
  BAD_DQ_ESCAPE: "a backslash sequence that YAML does not know inside \"…\"; use '…', where a backslash is itself",
  BAD_INDENT: "wrong indentation; or a { or [ before this place is not closed",
  BAD_SCALAR_START: "a value may not start with this character; put it in quotes",
  DUPLICATE_KEY: "this key is already given above",
  MISSING_CHAR: "a closing quote, bracket, comma or colon is missing before this place",
  MULTIPLE_DOCS: "a second document (---) begins here; a config is one document",
  TAB_AS_INDENT: "a tab in the indentation; YAML takes spaces only",
  TAG_RESOLVE_FAILED: "a tag (!name) that has no meaning here",
};
