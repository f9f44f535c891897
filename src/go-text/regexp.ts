// Go's regexp: RE2 patterns in linear time, unanchored, with Go's replacement syntax. An invalid pattern throws.
import { createRequire } from "node:module";
import type { RE2JS } from "re2js";

/** The engine takes 1 MB and 6 ms, so it is loaded with the first pattern: synchronously, by the call that compiles it. */
export function loadRe2(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js");
}

export interface Patterns {
  isMatch(pattern: string, text: string): boolean;
  replaceAll(pattern: string, replacement: string, text: string): string;
}

/** Most patterns are constants of templates; the limit is for those made of label values. */
const MAX_PATTERNS = 256;

/** Keeps the patterns it compiled. */
export function createPatterns(): Patterns {
  const compiled = new Map<string, RE2JS>();
  const compile = (pattern: string): RE2JS => {
    const known = compiled.get(pattern);
    if (known !== undefined) return known;
    const fresh = loadRe2().RE2JS.compile(pattern);
    const [oldest] = compiled.keys();
    if (compiled.size >= MAX_PATTERNS && oldest !== undefined) compiled.delete(oldest);
    compiled.set(pattern, fresh);
    return fresh;
  };
  return {
    isMatch: (pattern, text) => compile(pattern).matcher(text).find(),
    replaceAll: (pattern, replacement, text) => replaceAll(compile(pattern), replacement, text),
  };
}

/** Go's Regexp.ReplaceAllString. An empty match right after another match is skipped. */
function replaceAll(pattern: RE2JS, replacement: string, text: string): string {
  const parts = parseReplacement(replacement);
  const matcher = pattern.matcher(text);
  let result = "";
  let end = 0;
  let from = 0;
  while (from <= text.length && matcher.find(from)) {
    const [start, stop] = [matcher.start(), matcher.end()];
    result += text.slice(end, start);
    if (stop > end || start === 0)
      result += parts.map((part) => expand(part, pattern, (group) => matcher.group(group))).join("");
    end = stop;
    from = Math.max(stop, from + runeWidth(text, from));
  }
  return result + text.slice(end);
}

function runeWidth(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}

interface ReplacementPart {
  readonly type: "text" | "group";
  readonly value: string;
}

/** Reads $1, ${1}, $name, ${name} and $$. A name is as long as possible; any other dollar stands for itself. */
function parseReplacement(replacement: string): readonly ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let end = 0;
  for (const match of replacement.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    const name = match[1] ?? match[2];
    parts.push({ type: "text", value: replacement.slice(end, match.index) });
    parts.push(name === undefined ? { type: "text", value: "$" } : { type: "group", value: name });
    end = match.index + match[0].length;
  }
  return [...parts, { type: "text", value: replacement.slice(end) }];
}

function expand(part: ReplacementPart, pattern: RE2JS, group: (index: number) => string | null): string {
  if (part.type === "text") return part.value;
  const isNumber = /^(?:0|[1-9]\d*)$/.test(part.value);
  const names: Readonly<Record<string, number>> = pattern.namedGroups();
  const index = isNumber ? Number(part.value) : Object.hasOwn(names, part.value) ? names[part.value] : undefined;
  return index === undefined || index > pattern.groupCount() ? "" : (group(index) ?? "");
}
