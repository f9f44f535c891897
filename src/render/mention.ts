// Whom a delivery rings: the templates of `mention`, rendered against each alert of the group's state and looked up in
// `people`. A text that is no userid and no number is dropped. Only the config can ring everyone: an alert shall not.

import type { GroupDelivery, Mention } from "../domain/notification.ts";
import type { Person } from "../domain/person.ts";
import { piecesBetweenMarks } from "./fit/shorten.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template/template-set.ts";
import { viewGroup } from "./view/group-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";
import type { Views } from "./view/view.ts";

export interface TemplateFailure {
  readonly template: string;
  readonly message: string;
}

export interface Mentions {
  /** userids. */
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  readonly all: boolean;
  /** Says how many more there are; empty when all are named. */
  readonly unmentioned: string;
}

export const noMentions: Mentions = { users: [], mobiles: [], all: false, unmentioned: "" };

/** Bytes that `<@…>` marks and numbers may take of a body. */
const mentionsMaxBytes = 640;

const userid = /^[A-Za-z0-9_.@-]{1,64}$/;
const number = /^\+?\d{5,20}$/;
const everyone = /^@*all$/i;
const separator = /[\s,;，；、]+/;

export interface MentionSources {
  readonly delivery: GroupDelivery;
  readonly views: Views;
  readonly templates: TemplateSet;
}

export interface FoundMentions {
  readonly mentions: Mentions;
  readonly failures: readonly TemplateFailure[];
}

/** Nobody in a state that is not meant, and on a reminder unless that is asked for. */
export function mentionsOf(sources: MentionSources, settings: RenderSettings): FoundMentions {
  const { mention } = sources.delivery.routed.destination;
  const { status, reminder } = sources.views.facts;
  if (!mention.on.includes(status) || (reminder && !mention.repeats)) return { mentions: noMentions, failures: [] };
  const found: Found = { users: new Set(), mobiles: new Set(), failures: new Map() };
  collect(mention, found, (text) => rendered(text, sources, settings), settings.people);
  const failures = [...found.failures.values()];
  return { mentions: limited([{ ...found, all: mention.all }], settings), failures };
}

interface Found {
  readonly users: Set<string>;
  readonly mobiles: Set<string>;
  readonly failures: Map<string, TemplateFailure>;
}

type Result = { readonly kind: "text"; readonly text: string } | { readonly kind: "failed"; readonly message: string };

function collect(
  { users, mobiles }: Mention,
  found: Found,
  print: (text: string) => readonly Result[],
  people: RenderSettings["people"],
): void {
  const entries = [
    ...users.map((text) => ({ text, as: "user" as const })),
    ...mobiles.map((text) => ({ text, as: "mobile" as const })),
  ];
  for (const { text, as } of entries) {
    for (const result of print(text)) {
      if (result.kind === "failed") found.failures.set(result.message, { template: text, message: result.message });
      else for (const name of namesIn(result.text, people)) add(found, { name, as, person: people.get(name) ?? null });
    }
  }
}

/** A name of the table may hold spaces; any other ends at one. */
function namesIn(text: string, people: RenderSettings["people"]): readonly string[] {
  const whole = text.trim();
  if (people.has(whole)) return [whole];
  return text.split(separator).map((name) => name.replace(/^@/, ""));
}

interface Named {
  readonly name: string;
  readonly as: "user" | "mobile";
  readonly person: Person | null;
}

/** Someone of the table is rung in the way asked for, or in the one there is. */
function add(found: Found, { name, as, person }: Named): void {
  if (person !== null) {
    const { userid, mobile } = person;
    const asUser = userid !== null && (as === "user" || mobile === null);
    if (asUser) found.users.add(userid);
    else if (mobile !== null) found.mobiles.add(mobile);
    return;
  }
  if (as === "user" && userid.test(name) && !everyone.test(name)) found.users.add(name);
  if (as === "mobile" && number.test(name)) found.mobiles.add(name);
}

function rendered(text: string, { views, templates }: MentionSources, settings: RenderSettings): readonly Result[] {
  if (!text.includes("{{")) return [{ kind: "text", text }];
  const compiled = templates.inline(text);
  if (compiled.kind === "faulty") return [{ kind: "failed", message: compiled.issue.message }];
  const group = viewGroup(views.facts, { alerts: views.alerts, number: 1, total: 1, mentions: [], unmentioned: "" });
  const concerned = views.alerts.filter((alert) => alert.status === views.facts.status);
  return concerned.map((alert) => {
    try {
      const text = compiled.template.render({ ...group, ...alert }, settings);
      return { kind: "text", text: wholeNames(text, stringsFor(settings.language)) };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  });
}

/** Of what was cut neither the mark nor the name before it: half a name may be somebody else's. */
function wholeNames(text: string, strings: Strings): string {
  const pieces = piecesBetweenMarks(text, strings);
  return pieces.map((piece, n) => (n < pieces.length - 1 ? withoutLastName(piece) : piece)).join(" ");
}

function withoutLastName(text: string): string {
  let end = text.length;
  while (end > 0 && !separator.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Names of an entry without a template that would ring nobody: neither in the table nor what such an entry has to be. */
export function unknownNames(text: string, as: Named["as"], people: RenderSettings["people"]): readonly string[] {
  if (text.includes("{{")) return [];
  return namesIn(text, people).filter((name) => {
    const found: Found = { users: new Set(), mobiles: new Set(), failures: new Map() };
    add(found, { name, as, person: people.get(name) ?? null });
    return found.users.size + found.mobiles.size === 0;
  });
}

interface Ringing {
  readonly users: Iterable<string>;
  readonly mobiles: Iterable<string>;
  readonly all: boolean;
}

/** Everyone once, over several groups, as far as they fit. */
export function limited(ringings: readonly Ringing[], settings: RenderSettings): Mentions {
  const users = [...new Set(ringings.flatMap((one) => [...one.users]))];
  const mobiles = [...new Set(ringings.flatMap((one) => [...one.mobiles]))];
  const budget = { bytes: mentionsMaxBytes };
  const namedUsers = within(users, budget);
  const namedMobiles = within(mobiles, budget);
  const rest = users.length - namedUsers.length + mobiles.length - namedMobiles.length;
  return {
    users: namedUsers,
    mobiles: namedMobiles,
    all: ringings.some((one) => one.all),
    unmentioned: rest > 0 ? stringsFor(settings.language).moreMentions(rest) : "",
  };
}

function within(names: readonly string[], budget: { bytes: number }): readonly string[] {
  const end = names.findIndex((name) => {
    budget.bytes -= mentionOf(name).length + 1;
    return budget.bytes < 0;
  });
  return end === -1 ? names : names.slice(0, end);
}

function mentionOf(user: string): string {
  return `<@${user}>`;
}

/** The body with those mentions that its template did not place. */
export function withMentions(body: string, { users, unmentioned }: Pick<Mentions, "users" | "unmentioned">): string {
  const missing = users.map(mentionOf).filter((mention) => !body.includes(mention));
  const rest = unmentioned !== "" && !body.includes(unmentioned) ? [unmentioned] : [];
  const line = [...missing, ...rest].join(" ");
  return line === "" ? body : `${body}\n${line}`;
}
