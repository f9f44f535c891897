// Whom a delivery mentions: the templates of `mention`, rendered with each alert in the state of the group, looked up
// in `people`. A text that is neither a userid nor a number is ignored. Only the config can mention everyone, an alert
// cannot.

import type { GroupDelivery } from "../domain/notification.ts";
import { textMaxBytes } from "../wecom/limits.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { piecesBetweenMarks, shortenBytes } from "./fit/shorten-text.ts";
import { asOneLine, escapeMarkedText, markData } from "./markup/escape.ts";
import { failureOf, type MessageDraft, plainDraft, type TemplateFailure } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";
import type { LanguageTemplates } from "./template/template-set.ts";
import type { AlertView } from "./view/alert-view.ts";
import { type Views, viewWholeGroup } from "./view/group-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";

/** A group's delivery, as templates see it, with what it takes to render it. */
export interface GroupSources {
  readonly delivery: GroupDelivery;
  readonly views: Views;
  readonly templates: LanguageTemplates;
  readonly settings: RenderSettings;
}

export interface Mentions {
  /** userids. */
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  readonly all: boolean;
  /** Text with the number of people over the limit; empty when all are mentioned. */
  readonly unmentioned: string;
}

/** What every kind of message of a group is made from. */
export interface GroupRenderInput extends GroupSources {
  /** Of the kind that mentions; none for the other kinds. */
  readonly mentions: Mentions;
}

export const noMentions: Mentions = { users: [], mobiles: [], all: false, unmentioned: "" };

/** Bytes that `<@…>` marks and numbers may take of a body. */
const mentionsMaxBytes = 640;

const userid = /^[A-Za-z0-9_.@-]{1,64}$/;
const number = /^\+?\d{5,20}$/;
const everyone = /^@*all$/i;
const separator = /[\s,;，；、]+/;

export interface FoundMentions {
  readonly mentions: Mentions;
  readonly failures: readonly TemplateFailure[];
}

/** For the alerts that are news, in the states that the config names; for those of a reminder only when the config asks for it. */
export function mentionsOf(sources: GroupSources): FoundMentions {
  const { language, people } = sources.settings;
  const { mention } = sources.delivery.routed.destination;
  if (mentioningAlerts(sources).length === 0) return { mentions: noMentions, failures: [] };
  const entries = [
    ...mention.users.map((text) => ({ text, as: "user" as const })),
    ...mention.mobiles.map((text) => ({ text, as: "mobile" as const })),
  ];
  const rendered = entries.map(({ text, as }) => ({ ...renderNames(text, sources), as }));
  const found = rendered.flatMap(({ names, as }) => names.flatMap((name) => addressesOf(name, as, people)));
  const failures = new Map(rendered.flatMap((one) => one.failures).map((failure) => [failure.message, failure]));
  const lists = {
    users: found.filter(({ as }) => as === "user").map(({ address }) => address),
    mobiles: found.filter(({ as }) => as === "mobile").map(({ address }) => address),
    all: mention.all,
  };
  return { mentions: mergedMentions([lists], language), failures: [...failures.values()] };
}

function mentioningAlerts({ views, delivery }: GroupSources): readonly AlertView[] {
  const { mention } = delivery.routed.destination;
  const isNews = views.facts.reminder ? () => mention.repeats : ({ news }: AlertView) => news !== "unchanged";
  return views.alerts.filter((alert) => mention.on.includes(alert.status) && isNews(alert));
}

/** A name of the people table may contain spaces; any other ends at a space. */
function namesIn(text: string, people: RenderSettings["people"]): readonly string[] {
  const whole = text.trim();
  if (people.has(whole)) return [whole];
  return text.split(separator).map((name) => name.replace(/^@/, ""));
}

interface Address {
  readonly as: "user" | "mobile";
  /** A userid or a number. */
  readonly address: string;
}

/** Whom a text names: a person of the table in the way asked for, or else in the other way. */
function addressesOf(text: string, as: Address["as"], people: RenderSettings["people"]): readonly Address[] {
  return namesIn(text, people).flatMap((name) => addressOf(name, as, people) ?? []);
}

function addressOf(name: string, as: Address["as"], people: RenderSettings["people"]): Address | null {
  const person = people.get(name);
  if (person !== undefined) {
    const { userid, mobile } = person;
    if (userid !== null && (as === "user" || mobile === null)) return { as: "user", address: userid };
    return mobile === null ? null : { as: "mobile", address: mobile };
  }
  const isValid = as === "user" ? userid.test(name) && !everyone.test(name) : number.test(name);
  return isValid ? { as, address: name } : null;
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
    return { names: [], failures: [{ template: text, message: compiled.issue.message }] };
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
  return pieces.map((piece, n) => (n < pieces.length - 1 ? withoutLastName(piece) : piece)).join(" ");
}

function withoutLastName(text: string): string {
  let end = text.length;
  while (end > 0 && !separator.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/**
 * Names of an entry without a template that would mention no one: not in the people table, and no valid userid or
 * number.
 */
export function unknownNames(text: string, as: Address["as"], people: RenderSettings["people"]): readonly string[] {
  if (text.includes("{{")) return [];
  return namesIn(text, people).filter((name) => addressOf(name, as, people) === null);
}

interface MentionLists {
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  readonly all: boolean;
}

/** Each person once, as many as there is room for. */
export function mergedMentions(lists: readonly MentionLists[], language: RenderSettings["language"]): Mentions {
  const users = [...new Set(lists.flatMap((one) => one.users))];
  const mobiles = [...new Set(lists.flatMap((one) => one.mobiles))];
  const budget = { bytes: mentionsMaxBytes };
  const namedUsers = within(users, budget);
  const namedMobiles = within(mobiles, budget);
  const rest = users.length - namedUsers.length + mobiles.length - namedMobiles.length;
  return {
    users: namedUsers,
    mobiles: namedMobiles,
    all: lists.some((one) => one.all),
    unmentioned: rest > 0 ? stringsFor(language).moreMentions(rest) : "",
  };
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

/** Appends the mentions that the template did not place. */
export function withMentions(body: string, { users, unmentioned }: Mentions): string {
  const missing = users.map(mentionMark).filter((mention) => !body.includes(mention));
  const rest = unmentioned !== "" && !body.includes(unmentioned) ? [unmentioned] : [];
  const line = [...missing, ...rest].join(" ");
  return line === "" ? body : `${body}\n${line}`;
}

/** What a message of this kind could not mention itself; null: there is no such message. */
export function remainingMentions(mentions: Mentions, kind: "text" | "markdown" | "markdown_v2" | null): Mentions {
  if (kind === "text") return noMentions;
  return kind === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

/** Limit of the line that says what the message is about; the mentions may count as well. */
const aboutMaxBytes = textMaxBytes / 4;

/** One text that mentions people for a whole delivery, none when there is no one to mention. `about` is alert text. */
export function mentionDrafts(
  mentions: Mentions,
  about: string,
  language: RenderSettings["language"],
): readonly MessageDraft[] {
  const lists = listsOf(mentions);
  if (lists === null) return [];
  const line = shortenBytes(escapeMarkedText(markData(asOneLine(about))), aboutMaxBytes);
  const more = mentions.unmentioned === "" ? "" : `\n${mentions.unmentioned}`;
  const content = `${stringsFor(language).pleaseLook}${line}${more}`;
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
