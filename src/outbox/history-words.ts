// The index of a block of the history: the words of its rows, each once, and behind it the places of the rows that have it. And a filter,
// which is small: a search reads the words only of blocks whose filter has all that it looks for.
//
// In the text of the words lines follow each other: a word, its places, a word, its places. A place is its distance from the one before;
// no places stand for all. Their characters are in no word, so a search never finds a word in them.

import type { SearchTerm } from "./search-text.ts";

/** More would not fit into the two characters of a distance. */
export const placesOfBlock = 512;

export interface IndexedRow {
  /** Its distance from the first row's is its place: below `placesOfBlock`. */
  readonly id: number;
  /** Of `searchText`. */
  readonly search: string;
  readonly outcome: string;
  readonly bot: string;
}

export interface BlockIndex {
  readonly filter: Uint8Array;
  readonly words: string;
}

/** The text is in lower case. An address is one word, since many addresses have the same numbers. */
const separators = /[^a-z0-9.\u0080-\uffff]+/;

/** Words that no text has, not even as a part. */
function nameWord(sign: "\u0001" | "\u0002", name: string): string {
  return sign + [...name].join(sign);
}

const outcomeWord = (outcome: string) => nameWord("\u0001", outcome);
const botWord = (bot: string) => nameWord("\u0002", bot);

/**
 * In small steps.
 *
 * @param rows by rising ids
 */
export function* blockIndex(rows: readonly IndexedRow[]): Generator<void, BlockIndex> {
  const filter = new Uint8Array(filterBits / 8);
  let words = "\n";
  for (const [word, lists] of yield* placesOfWords(rows)) {
    words += `${word}\n${distances(lists, rows.length)}\n`;
    for (const bit of gramBits(word)) filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
    yield;
  }
  return { filter, words };
}

/** By word; a word has one list or several, which may have places in common. */
function* placesOfWords(
  rows: readonly IndexedRow[],
): Generator<void, ReadonlyMap<string, readonly (readonly number[])[]>> {
  const firstId = rows[0]?.id ?? 0;
  const ofOutcomes = new Map<string, number[]>();
  const ofBots = new Map<string, number[]>();
  const ofLines = new Map<string, number[]>();
  for (const { id, search, outcome, bot } of rows) {
    const place = id - firstId;
    add(ofOutcomes, outcome, place);
    add(ofBots, bot, place);
    for (const line of search.split("\n")) {
      add(ofLines, line, place);
      yield;
    }
  }
  const ofWords = new Map<string, (readonly number[])[]>();
  for (const [line, places] of ofLines) {
    for (const word of line.split(separators)) add(ofWords, word, places);
    yield;
  }
  ofWords.delete("");
  for (const [outcome, places] of ofOutcomes) add(ofWords, outcomeWord(outcome), places);
  for (const [bot, places] of ofBots) add(ofWords, botWord(bot), places);
  return ofWords;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [item]);
  else known.push(item);
}

const lowBits = 5;
const lowCode = 0x40;
const highCode = 0x10;

function distances(lists: readonly (readonly number[])[], rows: number): string {
  const [first = []] = lists;
  const places = lists.length === 1 ? first : [...new Set(lists.flat())].sort((a, b) => a - b);
  if (places.length === rows) return "";
  let text = "";
  let next = 0;
  for (const place of places) {
    const distance = place - next;
    if (distance >> lowBits > 0) text += String.fromCharCode(highCode + (distance >> lowBits));
    text += String.fromCharCode(lowCode + (distance & ((1 << lowBits) - 1)));
    next = place + 1;
  }
  return text;
}

/** Half of them are set by 512 rows of 250 characters. */
const filterBits = 12_288;

/** Of each word: the characters in a row that have a bit. Three are enough for short words, five tell addresses and numbers apart. */
const gramLengths = [3, 5];

function gramBits(word: string): readonly number[] {
  const bits: number[] = [];
  for (const length of gramLengths) {
    for (let end = length; end <= word.length; end += 1) bits.push(gramBit(word, end - length, end));
  }
  return bits;
}

function gramBit(word: string, start: number, end: number): number {
  let hash = end - start;
  for (let k = start; k < end; k += 1) hash = Math.imul(hash, 31) + word.charCodeAt(k);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % filterBits;
}

export interface WordQuery {
  readonly terms: readonly SearchTerm[];
  readonly outcome: string | null;
  readonly bot: string | null;
}

/** Parts of the text of the words, all of which a row must have; the longest first, which fewest rows have. */
export function needlesOf({ terms, outcome, bot }: WordQuery): readonly string[] {
  const needles = terms.flatMap(({ text, isLabel }) => {
    const words = (isLabel ? `=${text}=` : text).split(separators);
    // What stands at the ends of the term may be a part of a word.
    return words.map((word, n) =>
      word === "" ? "" : `${n > 0 ? "\n" : ""}${word}${n < words.length - 1 ? "\n" : ""}`,
    );
  });
  if (outcome !== null) needles.push(`\n${outcomeWord(outcome)}\n`);
  if (bot !== null) needles.push(`\n${botWord(bot)}\n`);
  return [...new Set(needles)].filter((needle) => needle !== "").sort((a, b) => b.length - a.length);
}

/** Of the filter: a block that has all needles has all of these. */
export function bitsOf(needles: readonly string[]): readonly number[] {
  return needles.flatMap((needle) => gramBits(needle.replaceAll("\n", "")));
}

export function hasBits(filter: Uint8Array, bits: readonly number[]): boolean {
  return bits.every((bit) => ((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0);
}

/**
 * Of the rows that may have all of these needles; falling. Those that have the words of a term, but not beside each other, are among them.
 *
 * @param count how many places the block has
 */
export function placesWith(words: string, needles: readonly string[], count: number): readonly number[] {
  /** Of each place: how many needles it has, of those so far. */
  const had = new Uint16Array(count);
  for (const [n, needle] of needles.entries()) if (!markPlaces(words, needle, { had, n })) return [];
  const found: number[] = [];
  for (let place = count - 1; place >= 0; place -= 1) if (had[place] === needles.length) found.push(place);
  return found;
}

interface Marking {
  readonly had: Uint16Array;
  /** Places that had so many needles may have the next one. */
  readonly n: number;
}

/** Returns whether any place has the needle and those before it. */
function markPlaces(words: string, needle: string, { had, n }: Marking): boolean {
  let isAny = false;
  const mark = (place: number) => {
    if (had[place] !== n) return;
    had[place] = n + 1;
    isAny = true;
  };
  let at = needleAt(words, needle, 0);
  while (at !== -1) {
    const first = words.indexOf("\n", at + Math.max(1, needle.length - 1)) + 1;
    const end = words.indexOf("\n", first);
    if (first === end) {
      for (let place = 0; place < had.length; place += 1) mark(place);
      return isAny;
    }
    let next = 0;
    for (let k = first; k < end; k += 1) {
      const code = words.charCodeAt(k);
      if (code < lowCode) next += (code - highCode) << lowBits;
      else {
        next += code - lowCode;
        mark(next);
        next += 1;
      }
    }
    at = needleAt(words, needle, end);
  }
  return isAny;
}

/** By its own characters: a line's end, which it may begin with, is there thousands of times. */
function needleAt(words: string, needle: string, from: number): number {
  if (!needle.startsWith("\n")) return words.indexOf(needle, from);
  const word = needle.slice(1);
  let at = words.indexOf(word, from + 1);
  while (at !== -1 && words[at - 1] !== "\n") at = words.indexOf(word, at + 1);
  return at === -1 ? -1 : at - 1;
}
