// Whom a delivery mentions: the names that the templates of `mention` print for its alerts. Names that mention nobody are
// shown in the message. Only the config can mention everyone, an alert cannot.

import type { GroupDelivery } from "../domain/notification.ts";
import { textMaxBytes } from "../wecom/limits.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { piecesBetweenMarks, shortenBytes } from "./fit/shorten-text.ts";
import { asOneLine, escapeMarkedText, markData } from "./markup/escape.ts";
import { failureOf, type MessageDraft, plainDraft, type TemplateFailure } from "./message-draft.ts";
import { peopleNamedIn } from "./named-people.ts";
import type { RenderSettings } from "./settings.ts";
import type { LanguageTemplates } from "./template/template-set.ts";
import type { AlertView } from "./view/alert-view.ts";
import { type Views, viewWholeGroup } from "./view/group-view.ts";
import { filled, type Strings, stringsFor } from "./view/strings.ts";

/** A group's delivery, as templates see it, with what it takes to render it. */
export interface GroupSources {
  readonly delivery: GroupDelivery;
  readonly views: Views;
  readonly templates: LanguageTemplates;
  readonly settings: RenderSettings;
}

interface MentionLists {
  /** userids. */
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  readonly all: boolean;
  /** Names that no entry can mention, as alert text. */
  readonly unmentionable: readonly string[];
}

export interface Mentions extends MentionLists {
  /** Alert text about those who are not mentioned: the number of people over the limit, the names; empty without them. */
  readonly unmentioned: string;
}

/** What every kind of message of a group is made from. */
export interface GroupRenderInput extends GroupSources {
  /** Of the kind that mentions; none for the other kinds. */
  readonly mentions: Mentions;
}

export const noMentions: Mentions = { users: [], mobiles: [], all: false, unmentionable: [], unmentioned: "" };

/** Bytes that `<@…>` marks and numbers may take of a body. */
const mentionsMaxBytes = 640;

/** Names that cannot be mentioned: those that a message shows, those that are reported, bytes of each. */
const unmentionableShown = 5;
const unmentionableReported = 20;
const unmentionableMaxBytes = 32;

interface FoundMentions extends MentionLists {
  readonly failures: readonly TemplateFailure[];
}

/**
 * For the alerts that are news, in the states that the config names; for those of a reminder only when the config asks for it, and
 * nobody works on them.
 */
export function mentionsOf(sources: GroupSources): FoundMentions {
  const { mention } = sources.delivery.routed.destination;
  const { people } = sources.settings;
  if (mentioningAlerts(sources).length === 0) return { ...noMentions, failures: [] };
  const entries = [
    ...mention.users.map((text) => ({ text, as: "user" as const })),
    ...mention.mobiles.map((text) => ({ text, as: "mobile" as const })),
  ];
  const rendered = entries.map(({ text, as }) => ({ ...renderNames(text, sources), as }));
  const found = { user: new Set<string>(), mobile: new Set<string>() };
  const mentioned = new Set<string>();
  const others = new Set<string>();
  for (const { names, as } of rendered) {
    for (const { name, addresses } of new Set(names).values().flatMap((text) => peopleNamedIn(text, as, people))) {
      (addresses.length > 0 ? mentioned : others).add(name);
      for (const { as: way, address } of addresses) found[way].add(address);
    }
  }
  return {
    users: [...found.user],
    mobiles: [...found.mobile],
    all: mention.all,
    // The same label may be an entry of users and of mobiles, and is then read in both ways.
    unmentionable: [...others].filter((name) => !mentioned.has(name)),
    failures: rendered.flatMap((one) => one.failures),
  };
}

function mentioningAlerts({ views, delivery }: GroupSources): readonly AlertView[] {
  const { mention } = delivery.routed.destination;
  const isRepeated = ({ acknowledgedBy }: AlertView) => mention.repeats && acknowledgedBy === "";
  const isNews = views.facts.reminder ? isRepeated : ({ news }: AlertView) => news !== "unchanged";
  return views.alerts.filter((alert) => mention.on.includes(alert.status) && isNews(alert));
}

interface RenderedNames {
  readonly names: readonly string[];
  readonly failures: readonly TemplateFailure[];
}

function renderNames(text: string, sources: GroupSources): RenderedNames {
  const { views, templates, settings } = sources;
  if (!text.includes("{{")) return { names: [text], failures: [] };
  const compiled = templates.inline(text);
  if (compiled.kind === "invalid") {
    return { names: [], failures: [{ template: text, message: compiled.issues[0]?.message ?? "" }] };
  }
  const group = viewWholeGroup(views);
  const names: string[] = [];
  const failures: TemplateFailure[] = [];
  for (const alert of mentioningAlerts(sources)) {
    try {
      const rendered = compiled.template.render({ ...group, ...alert }, settings);
      names.push(wholeNames(rendered, stringsFor(settings.language)));
    } catch (error) {
      failures.push(failureOf(text, error));
    }
  }
  return { names, failures };
}

/** Without the marks of shortened texts and the name before each: half of a name may be the name of someone else. */
function wholeNames(text: string, strings: Strings): string {
  const pieces = piecesBetweenMarks(text, strings);
  return pieces.map((piece, n) => (n < pieces.length - 1 ? withoutLastName(piece) : piece)).join(",");
}

/** Of a list without the last item; else of its words, and no number that may have had more digits. */
function withoutLastName(text: string): string {
  const items = text.split(/[,;，；、|｜\r\n]/);
  if (items.length > 1) return items.slice(0, -1).join(",");
  const words = text.split(/\s+/).slice(0, -1);
  return words.slice(0, words.findLastIndex((word) => !/^[\d+-]+$/.test(word)) + 1).join(" ");
}

interface MergedMentions {
  readonly mentions: Mentions;
  readonly failures: readonly TemplateFailure[];
}

/** Each person once, as many as there is room for. */
export function mergedMentions(found: readonly FoundMentions[], strings: Strings): MergedMentions {
  const mobiles = new Set(found.flatMap((one) => one.mobiles));
  // Digits that are also asked for as a number are no userid.
  const users = [...new Set(found.flatMap((one) => one.users))].filter((user) => !mobiles.has(user));
  const budget = { bytes: mentionsMaxBytes };
  const namedUsers = within(users, budget);
  const namedMobiles = within([...mobiles], budget);
  const rest = users.length - namedUsers.length + mobiles.size - namedMobiles.length;
  const unmentionable = [...new Set(found.flatMap((one) => one.unmentionable))];
  const names = unmentionable.slice(0, unmentionableReported).map((name) => shortenBytes(name, unmentionableMaxBytes));
  const texts = [
    rest > 0 ? strings.moreMentions(rest) : "",
    names.length > 0 ? strings.unmentionable(names.slice(0, unmentionableShown), unmentionable.length) : "",
  ];
  const mentions = {
    users: namedUsers,
    mobiles: namedMobiles,
    all: found.some((one) => one.all),
    unmentionable: names,
    unmentioned: filled(texts).join(" "),
  };
  const failures = new Map(found.flatMap((one) => one.failures).map((failure) => [failure.message, failure]));
  return { mentions, failures: [...failures.values()] };
}

export function everyoneMentioned({ users, mobiles, all }: Mentions): readonly string[] {
  return [...users, ...mobiles, ...(all ? ["@all"] : [])];
}

function within(names: readonly string[], budget: { bytes: number }): readonly string[] {
  const end = names.findIndex((name) => {
    budget.bytes -= mentionMark(name).length + 1;
    return budget.bytes < 0;
  });
  return end === -1 ? names : names.slice(0, end);
}

function mentionMark(user: string): string {
  return `<@${user}>`;
}

/** Appends the mentions that the template did not place. `finish` escapes marked text as the body's was. */
export function withMentions(
  body: string,
  { users, unmentioned }: Mentions,
  finish: (marked: string) => string,
): string {
  const texts = [...users.map(mentionMark), ...(unmentioned === "" ? [] : [finish(markData(unmentioned))])];
  const line = texts.filter((text) => !body.includes(text)).join(" ");
  return line === "" ? body : `${body}\n${line}`;
}

/** What a message of this kind could not mention itself; null: there is no such message. */
export function remainingMentions(mentions: Mentions, kind: "text" | "markdown" | "markdown_v2" | null): Mentions {
  if (kind === "text") return noMentions;
  return kind === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

/** Limit of the line that says what the message is about; the mentions may count as well. */
const aboutMaxBytes = textMaxBytes / 4;

/** What the first line of every message of a delivery begins with, as alert text. */
interface Heading {
  readonly lead: string;
  readonly firstName: string;
  readonly moreNames: string;
}

/** One text that mentions people for a whole delivery, and names those whom it cannot; none when there is neither. */
export function mentionDrafts(
  mentions: Mentions,
  { lead, firstName, moreNames }: Heading,
  { pleaseLook }: Strings,
): readonly MessageDraft[] {
  const lists = listsOf(mentions);
  if (lists === null && mentions.unmentioned === "") return [];
  const about = escapeMarkedText(markData(asOneLine(`${lead} ${firstName}${moreNames}`)));
  const more = mentions.unmentioned === "" ? "" : `\n${escapeMarkedText(markData(mentions.unmentioned))}`;
  const content = shortenBytes(about, aboutMaxBytes) + pleaseLook + more;
  return [plainDraft({ msgtype: "text", text: { content, ...lists } })];
}

/** Adds those whom the content of a text cannot mention: numbers, and everyone. */
export function addMentions(message: WecomMessage, mentions: Mentions): WecomMessage {
  const lists = listsOf({ ...mentions, users: [] });
  return message.msgtype !== "text" || lists === null ? message : { ...message, text: { ...message.text, ...lists } };
}

function listsOf({ users, mobiles, all }: Mentions) {
  const listed = [...users, ...(all ? ["@all"] : [])];
  if (listed.length + mobiles.length === 0) return null;
  return {
    ...(listed.length === 0 ? {} : { mentioned_list: listed }),
    ...(mobiles.length === 0 ? {} : { mentioned_mobile_list: mobiles }),
  };
}
