// A text that alerts of a group share but for their own labels and one number: it is shown once, with the names of the
// labels in place of their values, and a range in place of the number. Shared only where each alert's own text can be
// rebuilt from it.

import { utf8Length } from "../../go-text/strings.ts";
import type { NameValue } from "./labels.ts";

export interface SharedText {
  /** `{instance} has {name} of a label for its value`. */
  readonly text: string;
  /** The place in `text` of what differs, like `85.2~98.7%`; empty where nothing does. */
  readonly range: string;
  /** What each alert has there, in their order; none where nothing differs. */
  readonly values: readonly string[];
}

/** A shorter value would be found in places where it is not meant; two characters of Chinese are long enough. */
const leastValueBytes = 3;

/** @param own the labels of each text's alert that its row shows */
export function shareText(texts: readonly string[], own: readonly (readonly NameValue[])[]): SharedText | null {
  const [first = ""] = texts;
  if (texts.every((text) => text === first)) return { text: first, range: "", values: [] };
  const named = texts.map((text, index) => withNames(text, own[index] ?? []));
  const shared = shareNumber(named);
  if (shared === null) return null;
  const isExact = texts.every((text, index) => rebuildText(shared, index, own[index] ?? []) === text);
  return isExact ? shared : null;
}

/** The text of one alert, from what its row shows. */
export function rebuildText({ text, range, values }: SharedText, index: number, own: readonly NameValue[]): string {
  const value = values[index];
  const restored = value === undefined ? text : text.replace(range, () => value);
  return own.reduce((rebuilt, pair) => rebuilt.replaceAll(`{${pair.name}}`, () => pair.value), restored);
}

function withNames(text: string, own: readonly NameValue[]): string {
  const longestFirst = own
    .filter(({ value }) => utf8Length(value) >= leastValueBytes && text.includes(value))
    .toSorted((a, b) => b.value.length - a.value.length);
  return longestFirst.reduce((named, { name, value }) => replaceWords(named, value, `{${name}}`), text);
}

function replaceWords(text: string, word: string, by: string): string {
  let replaced = "";
  let from = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    const isWord = !/[\w-]/.test(text.charAt(at - 1) + text.charAt(at + word.length));
    if (!isWord) continue;
    replaced += text.slice(from, at) + by;
    from = at + word.length;
  }
  return replaced + text.slice(from);
}

const number = /^-?\d+(?:\.\d+)?$/;
const unit = /^(?:%|\s?(?:[KMGTP]i?B|[mµn]?s|[A-Za-z]{1,3})\b)/;

/** Texts that are equal but for one number. */
function shareNumber(texts: readonly string[]): SharedText | null {
  const [first = ""] = texts;
  let head = first.length;
  let tail = first.length;
  for (const text of texts) {
    head = sharedChars(head, (at) => text[at] === first[at]);
    tail = sharedChars(tail, (at) => text.at(-1 - at) === first.at(-1 - at));
  }
  if (head === first.length) {
    return texts.every((text) => text === first) ? { text: first, range: "", values: [] } : null;
  }
  while (head > 0 && /[-\d.]/.test(first.charAt(head - 1))) head -= 1;
  const before = first.slice(0, head);
  const after = first.slice(first.length - tail).replace(/^[\d.]*\d/, "");
  const numbers = texts.map((text) => text.slice(before.length, text.length - after.length));
  if (/[\w{-]$|\d[:/]$/.test(before.slice(-2)) || !numbers.every((one) => number.test(one))) return null;
  const sign = unit.exec(after)?.[0] ?? "";
  if (sign === "" && /^\w/.test(after)) return null;
  const sorted = numbers.toSorted((a, b) => Number(a) - Number(b));
  const range = `${sorted[0]}~${sorted.at(-1)}${sign}`;
  return { text: before + range + after.slice(sign.length), range, values: numbers.map((one) => one + sign) };
}

function sharedChars(most: number, isShared: (at: number) => boolean): number {
  let count = 0;
  while (count < most && isShared(count)) count += 1;
  return count;
}
