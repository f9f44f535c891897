// Levels of shortening, and what a level does to a text, a URL and labels. What is shortened when is in
// shorten-alerts.ts.

import { utf8Length } from "../../go-text/strings.ts";
import type { Strings } from "../view/strings.ts";
import { shortenText } from "./shorten-text.ts";

export interface Level {
  /** Of a text, in UTF-8 bytes, without the mark. */
  readonly capBytes: number;
  /** Of a set or a list of labels. */
  readonly entries: number;
}

export const allEntries = Number.MAX_SAFE_INTEGER;

type Entries<Value> = Readonly<Record<string, Value>>;

export interface Shortener {
  readonly text: (whole: string) => string;
  /** Empty for a URL that is longer than the cap: a cut URL leads nowhere. */
  readonly url: (whole: string) => string;
  readonly links: <Link extends { readonly url: string }>(whole: readonly Link[]) => readonly Link[];
  readonly labels: <Value extends string | number>(whole: Entries<Value>) => Entries<Value | string>;
  readonly annotations: (whole: Entries<string>) => Entries<string>;
  /** The first labels of a list; `rest` makes the entry that says how many are missing. */
  readonly list: <Item>(
    whole: readonly Item[],
    each: (item: Item) => Item,
    rest: (more: string) => Item,
  ) => readonly Item[];
}

export function shortenerFor(level: Level, strings: Strings): Shortener {
  const text = (whole: string) => shortenText(whole, level.capBytes, strings);
  const hasRoom = (url: string) => utf8Length(url) <= level.capBytes;
  return {
    text,
    url: (whole) => (hasRoom(whole) ? whole : ""),
    links: (whole) => whole.filter(({ url }) => hasRoom(url)),
    labels: (whole) => shortenEntries(whole, level, { text, more: strings.moreLabels }),
    annotations: (whole) => shortenEntries(whole, level, { text, more: strings.moreAnnotations }),
    list: (whole, each, rest) => {
      const kept = whole.slice(0, level.entries).map(each);
      return kept.length === whole.length ? kept : [...kept, rest(strings.moreLabels(whole.length - kept.length))];
    },
  };
}

interface EntryTexts {
  readonly text: (whole: string) => string;
  readonly more: (count: number) => string;
}

/** Names are the sender's and may become equal when they are cut: a later one gets a number. */
function shortenEntries<Value extends string | number>(
  whole: Entries<Value>,
  { capBytes, entries }: Level,
  { text, more }: EntryTexts,
): Entries<Value | string> {
  const all = Object.entries(whole);
  // A UTF-16 unit has three bytes of UTF-8 at most.
  const isShort = (one: Value | string) => typeof one !== "string" || one.length * 3 <= capBytes;
  if (all.length <= entries && all.every((pair) => pair.every(isShort))) return whole;
  const short = new Map<string, Value | string>();
  for (const [name, value] of all.slice(0, entries)) {
    const cut = text(name);
    short.set(short.has(cut) ? `${cut}~${short.size}` : cut, typeof value === "string" ? text(value) : value);
  }
  if (all.length > entries) short.set("…", more(all.length - entries));
  return Object.fromEntries(short);
}
