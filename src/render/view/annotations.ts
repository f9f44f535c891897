// Which annotation is what. Senders write the known names in any case; every other annotation is a note and is shown by
// its name.

import type { Alert, LabelSet } from "../../domain/alert.ts";
import type { Language } from "../../domain/message-kind.ts";
import type { NameValue } from "./labels.ts";

export interface Found {
  /** As the sender writes it; empty when there is none. */
  readonly name: string;
  readonly text: string;
}

const none: Found = { name: "", text: "" };

/** The first that is not empty of annotations with these names, in any case; the names are in lower case. */
function findAnnotation(annotations: LabelSet, names: readonly string[]): Found {
  for (const [name, text] of annotationsCalled(annotations, names)) {
    if (text.trim() !== "") return { name, text };
  }
  return none;
}

/** In the order of the names. Most senders use few annotations, so a search costs less than an index. */
export function annotationsCalled(
  annotations: LabelSet,
  names: readonly string[],
): readonly (readonly [string, string])[] {
  const known = Object.entries(annotations).filter(([name]) => names.includes(name.toLowerCase()));
  if (known.length < 2) return known;
  return known.toSorted(([a], [b]) => names.indexOf(a.toLowerCase()) - names.indexOf(b.toLowerCase()));
}

const summaryNames = { zh: ["summary_cn", "summary"], en: ["summary", "summary_cn"] };
const descriptionNames = {
  zh: ["description_cn", "description", "message"],
  en: ["description", "message", "description_cn"],
};

export function findTexts(annotations: LabelSet, language: Language) {
  return {
    summary: findAnnotation(annotations, summaryNames[language]),
    description: findAnnotation(annotations, descriptionNames[language]),
  };
}

/** Grafana's reason for an alert that is about its query. */
export function findError(annotations: LabelSet): Found {
  return findAnnotation(annotations, ["error"]);
}

export function findValue(annotations: LabelSet): Found {
  return findAnnotation(annotations, ["value"]);
}

/** Says why Grafana changed the state; its text has a place of its own. */
export const stateReasonName = "grafana_state_reason";

/** Those that have no place of their own. A text that is shown already is not shown again. */
export function notesOf(annotations: LabelSet, placed: readonly Found[]): readonly NameValue[] {
  return Object.entries(annotations)
    .filter(([name, text]) => text.trim() !== "" && name !== stateReasonName)
    .filter(([name, text]) => !placed.some((one) => one.name === name || one.text.trim() === text.trim()))
    .map(([name, value]) => ({ name, value }));
}

export interface Described {
  readonly text: string;
  /** The value that the text listed apart; empty when it listed none. */
  readonly value: string;
}

const listedValue = /^\s*VALUE = (\S+)\s*$/;
const listedLabels = /^\s*LABELS(?: =|:) map\[(.*)\]\s*$/;

/**
 * Without the `VALUE = x` and `LABELS = map[…]` that rules of awesome-prometheus-alerts end with. The labels stay in the
 * text unless all of them are labels of the alert; the name of the metric stands in the expression.
 */
export function withoutListings(text: string, { labels, links }: Alert): Described {
  const lines = text.split("\n");
  const value = lines.map((line) => listedValue.exec(line)?.[1] ?? "").find((found) => found !== "") ?? "";
  const isKnown = (pair: string) => {
    const [name = "", ...rest] = pair.split(":");
    const held = rest.join(":");
    if (name === "__name__") return decodedQuery(links.generatorURL).includes(held);
    return Object.hasOwn(labels, name) && labels[name] === held;
  };
  const repeatsLabels = (line: string) =>
    listedLabels
      .exec(line)?.[1]
      ?.split(/ (?=[A-Za-z_]\w*:)/)
      .every(isKnown) === true;
  const kept = lines.filter((line) => !listedValue.test(line) && !repeatsLabels(line));
  return { text: kept.join("\n").trim(), value };
}

function decodedQuery(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).searchParams.toString() : "";
}

/** The words of the first stand in the second, in the same order. */
export function standsWithin(text: string, whole: string): boolean {
  let at = 0;
  const inWhole = whole.toLowerCase();
  return wordsOf(text).every((word) => {
    const found = nextWord(inWhole, word, at);
    at = found + word.length;
    return found !== -1;
  });
}

/** Nothing is said but these names and values. */
export function saysOnly(text: string, known: readonly string[]): boolean {
  const words = new Set(known.flatMap(wordsOf));
  return wordsOf(text).every((word) => words.has(word));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:[.:/_-]+[\p{L}\p{N}]+)*%?/gu) ?? [];
}

/** Chinese has no spaces between words; a number is no part of an address. */
function nextWord(text: string, word: string, from: number): number {
  const isJoined = (inside: string, outside: string) =>
    /\d/.test(inside) ? /[\w.:-]/.test(outside) : /\w/.test(inside) && /\w/.test(outside);
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before, behind] = [text.charAt(at - 1), text.charAt(at + word.length)];
    if (!isJoined(word.charAt(0), before) && !isJoined(word.charAt(word.length - 1), behind)) return at;
  }
  return -1;
}

const fence = /^[ \t]*```[^\n`]*\n(.*?)\n[ \t]*```[ \t]*$/gms;

/** Fenced JSON becomes one line of code; other fences become lines without their marks. */
export function withoutFences(text: string): string {
  if (!text.includes("```")) return text;
  return text.replace(fence, (_, inner: string) => {
    const clean = inner.replaceAll("`", "'");
    return isJson(inner) ? `\`${clean.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1")}\`` : clean;
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
