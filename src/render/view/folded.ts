// The last, grey line: labels that only say how an alert was measured. What has no room is named.

import { utf8Length } from "../../go-text/strings.ts";
import { cleanLine, needsCode } from "../markup/escape.ts";
import type { NameValue } from "./labels.ts";
import { filled, type Strings } from "./strings.ts";

/** In a message only the values count, in the one line of a card the names as well. 0: only names are shown. */
export interface FoldRoom {
  readonly max: number;
  readonly of: "value bytes" | "all characters";
}

interface Item {
  readonly names: readonly string[];
  /** `job/service=x`: labels of one value are one item. */
  readonly text: string;
}

/**
 * The shortest with their values, as far as there is room; the names of the others, counted. Texts that need code stand
 * by themselves.
 */
export function foldedTexts(folded: readonly NameValue[], room: FoldRoom, strings: Strings): readonly string[] {
  const items = itemsOf(folded).toSorted((a, b) => a.text.length - b.text.length);
  let shown = 0;
  while (shown < items.length && takenBy(items, shown + 1, { room, strings }) <= room.max) shown += 1;
  return textsOf(items, shown, strings);
}

function itemsOf(folded: readonly NameValue[]): readonly Item[] {
  const clean = folded.map(({ name, value }) => ({ name: cleanLine(name), value: cleanLine(value) }));
  const byText = Map.groupBy(clean, ({ value }) => value);
  return [...byText].map(([value, same]) => {
    const names = same.map(({ name }) => name);
    return { names, text: `${names.join("/")}=${value}` };
  });
}

function takenBy(
  items: readonly Item[],
  shown: number,
  { room, strings }: { readonly room: FoldRoom; readonly strings: Strings },
): number {
  if (room.of === "all characters") return [...textsOf(items, shown, strings).join(" ")].length;
  return items.slice(0, shown).reduce((sum, { text }) => sum + utf8Length(text) + 1, 0);
}

function textsOf(items: readonly Item[], shown: number, strings: Strings): readonly string[] {
  const texts = items.slice(0, shown).map(({ text }) => text);
  const names = items.slice(shown).flatMap((item) => item.names);
  const plain = texts.filter((text) => !needsCode(text)).join(" ");
  const rest = names.length === 0 ? "" : strings.restLabels(names.length, names.join(strings.listMark));
  return filled([plain, ...texts.filter(needsCode), rest]);
}
