// Whom a text names. The text comes from an alert and may be a sentence or a path, so what could be somebody else's
// userid is left unread:
// - List marks end a name for certain, because no userid has them.
// - Blanks stand in lists and in sentences: a word is a userid only when every word beside it is a name too.
// - Slashes, colons and brackets stand between the name and the number of one person, and in paths: what they join is
//   read as persons of the table and phone numbers, and only when all of it can be read.
// Names of the table may have any of these, so each text is looked up before it is taken apart.

import type { RenderSettings } from "./settings.ts";

type People = RenderSettings["people"];

interface Address {
  readonly as: "user" | "mobile";
  /** A userid or a number. */
  readonly address: string;
}

export interface NamedPeople {
  readonly name: string;
  /** None when the name cannot be mentioned. */
  readonly addresses: readonly Address[];
}

interface Reading {
  /** How the config asks to mention. */
  readonly as: Address["as"];
  readonly people: People;
}

interface ReadWord extends NamedPeople {
  /** Could as well be a word of a sentence, or the first name of the word that follows. */
  readonly isGuess: boolean;
}

/** developer.work.weixin.qq.com/document/path/90195 */
const useridForm = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/;
const everyone = /^@*all$/i;
const numberForm = /^\+?\d{5,20}$/;
/** Certainly a phone: a Chinese mobile number (11 digits from 13 to 19), or one with a country code. */
const phoneForm = /^(?:\+\d{8,15}|(?:86)?1[3-9]\d{9})$/;
/** A Chinese mobile number as people write it: `+86 138-0013-8000`. */
const writtenPhone = /(?<![\w.@+-])(?:(?:\+|00)86[ -]?|86-?)?1[3-9]\d([ -]?)\d{4}\1\d{4}(?![\w@-]|\.\w)/g;
/** Before a number that follows a name without a blank: `张三13800138000`. */
const phoneBehindName = /(?<=[^\P{L}A-Za-z])-?(?=(?:\+86)?1[3-9]\d{9}(?![\w@.-]))/gu;
const needlessBlank = /(?<=[:：]) | (?=[([（【])/g;
/** A phone, an extension, a staff number. */
const digits = /^\+?\d[\d-]*$/;

const listMarks = ",;，；、|｜";
const joints = String.raw`/／:：()（）[\]【】`;
const bracketed = String.raw`[(（[【][^()（）[\]【】]*[)）\]】]`;
const itemsOfList = new RegExp(`(?:${bracketed}|[^${listMarks}])+`, "g");
const wordsOfItem = new RegExp(`(?:${bracketed}|[^ ])+`, "g");
/** Between slashes; digits behind a slash belong to the name before it. */
const entriesOfWord = new RegExp(String.raw`(?:${bracketed}|[/／](?=\+?\d[\d-]*(?:[/／(（[【]|$))|[^/／])+`, "g");
const joint = new RegExp(`[${joints}]`);
const betweenParts = new RegExp(`[${listMarks}${joints}]+`);
const useridWithRemark = new RegExp(`^([^${joints}]+)${bracketed}$`);

/** Names in an entry of the config, or in what its template printed for an alert. */
export function peopleNamedIn(text: string, as: Address["as"], people: People): readonly NamedPeople[] {
  const reading = { as, people };
  const whole = text.trim();
  if (people.has(whole)) return [readPerson(whole, reading)];
  const lines = whole.split(/[\r\n]+/).map((line) => line.replace(/\s+/g, " "));
  return lines.flatMap((line) => (line.match(itemsOfList) ?? []).flatMap((item) => readItem(item.trim(), reading)));
}

/** One item of a list. */
function readItem(item: string, reading: Reading): readonly NamedPeople[] {
  if (reading.people.has(withoutAt(item))) return [readPerson(withoutAt(item), reading)];
  const read = wordsOf(item, reading.people).map((word) => readWord(word, reading));
  const isSentence = read.some(({ addresses }) => addresses.length === 0);
  const lastJoined = read.findLastIndex(({ name }) => joint.test(name));
  return read.map(({ name, addresses, isGuess }, n) => {
    return { name, addresses: isGuess && (isSentence || n < lastJoined) ? [] : addresses };
  });
}

function withoutAt(text: string): string {
  return text.replace(/^[@＠]/, "");
}

/** Words that are one name of the table stay together; so do a name that is no userid and the digits behind it. */
function wordsOf(item: string, people: People): readonly string[] {
  const plain = item.replace(writtenPhone, asOneNumber).replace(phoneBehindName, "/").replace(needlessBlank, "");
  const single = (plain.match(wordsOfItem) ?? []).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const mostWords = single.length > 1 ? Math.max(1, ...people.keys().map((name) => name.split(" ").length)) : 1;
  const words: string[] = [];
  for (let n = 0, name = ""; n < single.length; ) {
    let end = Math.min(n + mostWords, single.length);
    while (end > n + 1 && !people.has(nameBefore(single.slice(n, end).join(" ")))) end -= 1;
    const word = single.slice(n, end).join(" ");
    const isOfName = name !== "" && digits.test(word);
    if (isOfName) words.splice(-1, 1, `${name}/${word}`);
    else words.push(word);
    name = !isOfName && isNoUserid(word, people) ? word : "";
    n = end;
  }
  return words;
}

/** Digits alone stay as they are: they may be a userid. */
function asOneNumber(written: string): string {
  return /^[18]\d+$/.test(written) ? written : `+86${written.replace(/\D/g, "").slice(-11)}`;
}

/** Before the first bracket or slash. */
function nameBefore(words: string): string {
  return withoutAt(words.split(joint, 1)[0] ?? "");
}

function isNoUserid(word: string, people: People): boolean {
  return people.has(withoutAt(word)) || !(useridForm.test(withoutAt(word)) || digits.test(word));
}

function readWord(word: string, reading: Reading): ReadWord {
  const name = withoutAt(word);
  if (reading.people.has(name)) return readPerson(name, reading);
  if (joint.test(name)) return readJoined(name, reading);
  if (reading.as === "mobile" ? numberForm.test(name) : name.startsWith("+") && phoneForm.test(name)) {
    return { name, addresses: [mobileOf(name)], isGuess: !phoneForm.test(name) };
  }
  return { name, addresses: reading.as === "user" ? useridOf(name) : [], isGuess: name === word };
}

function readPerson(name: string, reading: Reading): ReadWord {
  return { name, addresses: addressOf(name, reading), isGuess: false };
}

/** A person of the table in the way asked for, or else in the other way; none when the table does not have the name. */
function addressOf(name: string, { as, people }: Reading): readonly Address[] {
  const { userid = null, mobile = null } = people.get(name) ?? {};
  if (userid !== null && (as === "user" || mobile === null)) return [{ as: "user", address: userid }];
  return mobile === null ? [] : [{ as: "mobile", address: mobile }];
}

function useridOf(name: string): readonly Address[] {
  return useridForm.test(name) && !everyone.test(name) ? [{ as: "user", address: name }] : [];
}

/** Numbers of mainland China go without the country code. */
function mobileOf(number: string): Address {
  return { as: "mobile", address: number.replace(/^(?:\+|00)?86(?=1[3-9]\d{9}$)/, "") };
}

function readJoined(name: string, reading: Reading): ReadWord {
  const entries = (name.match(entriesOfWord) ?? []).map((entry) => readEntry(entry, reading));
  if (entries.every((addresses) => addresses.length > 0)) return { name, addresses: entries.flat(), isGuess: false };
  const [, outside = ""] = useridWithRemark.exec(name) ?? [];
  return { name, addresses: reading.as === "user" ? useridOf(outside) : [], isGuess: true };
}

/** The persons of the table, or else the numbers. What else stands there is a remark. */
function readEntry(entry: string, reading: Reading): readonly Address[] {
  const parts = entry.split(betweenParts).flatMap((part) => (reading.people.has(part) ? [part] : part.split(" ")));
  const persons = parts.flatMap((part) => addressOf(withoutAt(part), reading));
  return persons.length > 0 ? persons : parts.filter((part) => phoneForm.test(part)).map(mobileOf);
}

/**
 * Names of an entry without a template that would mention no one: not in the people table, and no valid userid or
 * number.
 */
export function unknownNames(text: string, as: Address["as"], people: People): readonly string[] {
  if (text.includes("{{")) return [];
  const named = peopleNamedIn(text, as, people);
  return named.length === 0 ? [text] : named.flatMap(({ name, addresses }) => (addresses.length === 0 ? [name] : []));
}
