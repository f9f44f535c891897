// Whom a telling names: the templates of `mention.users`, rendered against each alert of the group's state. A text that is
// no userid is dropped, and nothing can name everyone: markdown has no @all, and an alert shall not ring a whole company.

import type { GroupTelling } from "../domain/notification.ts";
import { viewGroup } from "./group-view.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template-set.ts";
import type { Views } from "./view.ts";
import { wordsOf } from "./words.ts";

export interface TemplateFailure {
  readonly template: string;
  readonly message: string;
}

export interface Mentions {
  readonly users: readonly string[];
  /** Says how many more there are; empty when all are named. */
  readonly unmentioned: string;
  readonly failures: readonly TemplateFailure[];
}

/** Bytes that `<@…>` marks may take of a body. */
const mentionsMaxBytes = 640;

const userid = /^[A-Za-z0-9_.@-]{1,64}$/;
const everyone = /^@*all$/i;

export interface MentionSources {
  readonly telling: GroupTelling;
  readonly views: Views;
  readonly templates: TemplateSet;
}

export function mentionsOf(sources: MentionSources, settings: RenderSettings): Mentions {
  const { mention } = sources.telling.routed.destination;
  if (!mention.on.includes(sources.views.facts.status)) return { users: [], unmentioned: "", failures: [] };
  const found = new Set<string>();
  const failures = new Map<string, TemplateFailure>();
  for (const text of mention.users) {
    for (const result of rendered(text, sources, settings)) {
      if (result.kind === "failed") failures.set(result.message, { template: text, message: result.message });
      else for (const user of asUsers(result.text)) found.add(user);
    }
  }
  return { ...withinBytes([...found], settings), failures: [...failures.values()] };
}

type Result = { readonly kind: "text"; readonly text: string } | { readonly kind: "failed"; readonly message: string };

function rendered(text: string, { views, templates }: MentionSources, settings: RenderSettings): readonly Result[] {
  if (!text.includes("{{")) return [{ kind: "text", text }];
  const compiled = templates.inline(text);
  if (compiled.kind === "faulty") return [{ kind: "failed", message: compiled.issue.message }];
  const group = viewGroup(views.facts, { alerts: views.alerts, number: 1, total: 1, mentions: [], unmentioned: "" });
  const concerned = views.alerts.filter((alert) => alert.status === views.facts.status);
  return concerned.map((alert) => {
    try {
      return { kind: "text", text: compiled.template.render({ ...group, ...alert }, settings) };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  });
}

function asUsers(text: string): readonly string[] {
  const names = text.split(/[\s,;，；、]+/).map((name) => name.replace(/^@/, ""));
  return names.filter((name) => userid.test(name) && !everyone.test(name));
}

function withinBytes(users: readonly string[], settings: RenderSettings) {
  const named: string[] = [];
  let bytes = 0;
  for (const user of users) {
    bytes += mentionOf(user).length + 1;
    if (bytes > mentionsMaxBytes) break;
    named.push(user);
  }
  const rest = users.length - named.length;
  return { users: named, unmentioned: rest > 0 ? wordsOf(settings.language).moreMentions(rest) : "" };
}

export function mentionOf(user: string): string {
  return `<@${user}>`;
}

/** The body with those mentions that its template did not place. */
export function withMentions(body: string, { users, unmentioned }: Pick<Mentions, "users" | "unmentioned">): string {
  const missing = users.map(mentionOf).filter((mention) => !body.includes(mention));
  const rest = unmentioned !== "" && !body.includes(unmentioned) ? [unmentioned] : [];
  const line = [...missing, ...rest].join(" ");
  return line === "" ? body : `${body}\n${line}`;
}
