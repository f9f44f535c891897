// What a link shows, and what its form does.

import type { Request } from "express";
import type { SilenceSettings } from "../config/links.ts";
import type { ActionStore } from "../domain/action.ts";
import type { ActionFailure } from "../domain/action-failure.ts";
import { identityHash } from "../domain/instance.ts";
import type { Language } from "../domain/message-kind.ts";
import { type MergedAlert, newestStates } from "../domain/newest-states.ts";
import { parseRoutedGroup, type RoutedGroup, type StoredGroup } from "../domain/notification.ts";
import type { Sender } from "../domain/sender.ts";
import type { SeverityScale } from "../domain/severity.ts";
import type { PhonePageCode } from "../observe/phone-page-metrics.ts";
import { cleanText } from "../render/markup/escape.ts";
import { shortClockOf } from "../render/view/times.ts";
import type { ActionOutcome, ActionRequest } from "./act.ts";
import { lookAt, statesOf } from "./alert-now.ts";
import { alertPage } from "./alert-page.ts";
import type { Alertmanagers } from "./alertmanagers.ts";
import { groupPage } from "./group-page.ts";
import type { LinkPace } from "./link-pace.ts";
import type { DoneAnswer, PageAnswer } from "./page-endpoint.ts";
import type { Banner, PageContext, PhoneView } from "./page-parts.ts";
import { type Actor, type ProxyRules, provenActor, rememberedName, rememberName, shownName } from "./person.ts";
import { type PageStrings, pageStrings } from "./strings.ts";
import type { SubmittedForm } from "./submitted-form.ts";
import { type LinkToken, signToken } from "./token.ts";

export interface PhonePageDeps {
  readonly store: ActionStore;
  readonly alertmanagers: Alertmanagers;
  readonly pace: LinkPace;
  /** Signs the links from a group to its alerts. */
  readonly key: Uint8Array;
  readonly rules: SilenceSettings;
  readonly severities: SeverityScale;
  /** Names that readers may choose. */
  readonly people: readonly string[];
  readonly proxies: ProxyRules;
  /** Of the outbox. */
  readonly now: () => number;
  /** By the machine's clock. */
  readonly wall: () => number;
  readonly languageOf: (req: Request, configured: Language) => Language;
  /** An administrator logged in on the console; asked for every page. */
  readonly isLoggedIn: (req: Request) => boolean;
  /** Also by credentials in the request; asked where they are needed, and a failure counts. */
  readonly isAdmin: (req: Request) => Promise<boolean>;
  /** Whether somebody can log in on the console. */
  readonly canLogIn: boolean;
  /** SVG, within its own deadline; empty when there is none. */
  readonly graphOf: (routed: RoutedGroup, language: Language) => Promise<string>;
  readonly senderOf: (req: Request) => Sender;
  readonly act: (request: ActionRequest) => Promise<ActionOutcome>;
  /** For the log and the metrics. */
  readonly report: (request: ActionRequest, outcome: ActionOutcome) => void;
}

/** A page does not wait longer for an Alertmanager. */
const lookMs = 1_000;

interface FoundLink {
  readonly link: LinkToken;
  readonly bot: string;
  /** For one alert, its group. For several, the newest group, with the alerts of all groups. */
  readonly stored: StoredGroup;
  /** The alerts of `stored`, each with its own group. */
  readonly merged: readonly MergedAlert[];
}

/** Null when the notification is no longer on record. */
async function find(link: LinkToken, { store }: PhonePageDeps): Promise<FoundLink | null> {
  const linked = await store.linkedGroups(link.notificationId);
  const groups = linked?.bodies.map(parseRoutedGroup) ?? [];
  const newest = groups.at(-1);
  if (linked === null || newest === undefined) return null;
  const all = newestStates(groups.map(({ group }) => group));
  const merged = link.identity === null ? all : all.filter(({ alert }) => alert.identity === link.identity).slice(0, 1);
  const [first] = merged;
  if (first === undefined) return null;
  const { group } = merged.length === 1 ? first : newest;
  const stored = { ...newest, group: { ...group, alerts: merged.map(({ alert }) => alert) } };
  return { link, bot: linked.bot, stored, merged };
}

export async function readPage(link: LinkToken, req: Request, deps: PhonePageDeps): Promise<PageAnswer> {
  const found = await find(link, deps);
  if (found === null) return { status: 404, view: messagePage("gone", pageStrings(deps.languageOf(req, "zh"))) };
  const { done } = req.query;
  const outcome = typeof done === "string" ? await deps.pace.recent(doneKey(link, done)) : null;
  const context = await contextOf(found, req, deps);
  const banner = outcome === null ? null : bannerOf(outcome, found.stored, context);
  return { status: 200, view: await viewOf(found, { ...context, banner }, deps) };
}

function doneKey({ notificationId, identity }: LinkToken, done: string): string {
  return `${notificationId} ${identity ?? ""} ${done}`;
}

export async function submitForm(
  found: { readonly link: LinkToken; readonly form: SubmittedForm },
  req: Request,
  deps: PhonePageDeps,
): Promise<PageAnswer | DoneAnswer> {
  const { link, form } = found;
  const known = await find(link, deps);
  if (known === null) return { status: 404, view: messagePage("gone", pageStrings(deps.languageOf(req, "zh"))) };
  const { stored, bot } = known;
  const actor = provenOf(req, deps) ?? { name: form.name, isProven: false };
  // The name is for the group, so it is in the language of the group.
  const by = actor.name === "" ? "" : shownName(actor, pageStrings(stored.destination.language));
  const isAdmin = () => deps.isAdmin(req);
  const request: ActionRequest = { stored, bot, choice: form.choice, by, sender: deps.senderOf(req), isAdmin };
  const done = identityHash([form.choice, by]);
  const outcome = await deps.pace.once(doneKey(link, done), async () => {
    const acted = await deps.act(request);
    deps.report(request, acted);
    return acted;
  });
  if (outcome.kind !== "failed") {
    return { status: 303, done, cookie: actor.isProven ? null : rememberName(actor.name, { secure: isSecure(req) }) };
  }
  const context = await contextOf(known, req, deps);
  const banner = bannerOf(outcome, stored, context);
  const reader = { ...context.reader, remembered: form.name };
  return { status: failureCodes[outcome.reason], view: await viewOf(known, { ...context, reader, banner }, deps) };
}

const failureCodes: Readonly<Record<ActionFailure, PhonePageCode>> = {
  nameMissing: 400,
  notOffered: 400,
  needsAdmin: 403,
  neverSilenced: 403,
  alertNotFound: 409,
  unknownAlertmanager: 409,
  alertmanagerRejected: 502,
  alertmanagerFailed: 502,
  inDoubt: 504,
  notStored: 503,
  notAnnounced: 503,
};

function isSecure(req: Request): boolean {
  return "encrypted" in req.socket;
}

function provenOf(req: Request, { proxies }: PhonePageDeps): Actor | null {
  return provenActor({ address: req.socket.remoteAddress ?? "", headers: req.headers }, proxies);
}

async function contextOf({ link, stored, bot }: FoundLink, req: Request, deps: PhonePageDeps): Promise<PageContext> {
  const { store, now, severities, people, key } = deps;
  const language = deps.languageOf(req, stored.destination.language);
  const token = (one: LinkToken) => signToken(key, one);
  const self = token(link);
  return {
    language,
    strings: pageStrings(language),
    now: deps.wall(),
    severities,
    reader: {
      provenName: provenOf(req, deps)?.name ?? null,
      remembered: rememberedName(req.headers.cookie),
      people,
      isAdmin: deps.isLoggedIn(req),
      logIn: deps.canLogIn ? `../login?next=${encodeURIComponent(`/a/${self}`)}` : null,
    },
    banner: null,
    linkTo: (identity) => token({ ...link, identity }),
    self,
    acknowledgements: await store.acknowledgements({ bot, now: now() }),
  };
}

async function viewOf({ stored, merged }: FoundLink, context: PageContext, deps: PhonePageDeps): Promise<PhoneView> {
  const { rules, alertmanagers } = deps;
  const [alert, ...others] = stored.group.alerts;
  if (alert === undefined || others.length > 0) {
    const states = await statesOf(merged, (url) => alertmanagers.of(url)?.client ?? null, lookMs);
    return groupPage({ routed: stored, states }, context);
  }
  const client = alertmanagers.of(stored.group.externalURL)?.client ?? null;
  const [look, graph] = await Promise.all([
    lookAt(alert, client, { rules, deadlineMs: lookMs }),
    deps.graphOf(stored, context.language),
  ]);
  return alertPage({ routed: stored, look, graph, rules }, context);
}

function bannerOf(outcome: ActionOutcome, { destination }: RoutedGroup, { strings, now }: PageContext): Banner {
  switch (outcome.kind) {
    case "acknowledged":
      return { level: "ok", role: "status", text: strings.acknowledged, detail: "" };
    case "silenced": {
      const until = shortClockOf(destination.timezone, now)(outcome.endsAt);
      return { level: "ok", role: "status", text: strings.silencedNow(until), detail: "" };
    }
    case "failed": {
      const { reason, detail } = outcome;
      const isAboutNames = reason === "alertmanagerRejected" && /label name/i.test(detail);
      const text = strings.failures[reason] + (isAboutNames ? strings.utf8Names : "");
      const isUnnamed = reason === "unknownAlertmanager";
      return { level: "bad", role: "alert", text, detail: isUnnamed ? strings.unnamed(cleanText(detail)) : detail };
    }
  }
}

/** A page without an alert. */
export function messagePage(about: "gone" | "tooMany" | "unreadable" | "unavailable", strings: PageStrings): PhoneView {
  const { title, text } = strings.messages[about];
  return { view: "message", title, model: { t: strings, title, text } };
}
