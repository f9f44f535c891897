// Finds text that was cut inside a code point: lone surrogates, and U+FFFD, which a decoder leaves where bytes were cut.
// In: any JSON value; out: at most one finding of each kind. WeCom's answer to either is unknown, so both are only flagged.

import { isObject } from "../body-value.ts";
import { accept, type Finding } from "./finding.ts";

export function checkEncoding(body: unknown): readonly Finding[] {
  const all = strings(body);
  return [
    ...(all.every((text) => text.isWellFormed()) ? [] : [found("lone-surrogate", "a lone surrogate")]),
    ...(all.some((text) => text.includes("\uFFFD")) ? [found("replacement-character", "U+FFFD")] : []),
  ];
}

function found(aspect: string, what: string): Finding {
  return accept({ rule: `utf8/${aspect}`, step: "content", detail: `the body holds ${what}` }, "flag");
}

function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isObject(value) ? Object.values(value).flatMap(strings) : [];
}
