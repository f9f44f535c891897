// The phone page of one configuration: brings together what it shows and what it does.

import { hash, randomUUID } from "node:crypto";
import type { Request, Router } from "express";
import { type ActDeps, type ActionOutcome, act } from "./actions/act.ts";
import type { Alertmanagers } from "./actions/alertmanagers.ts";
import { pageEndpoint } from "./actions/page-endpoint.ts";
import type { PhoneView } from "./actions/page-parts.ts";
import { messagePage, type PhonePageDeps, readPage, submitForm } from "./actions/phone-page.ts";
import { pageStrings } from "./actions/strings.ts";
import type { Config } from "./config/config.ts";
import { type LinkSettings, linkKeys } from "./config/links.ts";
import { languageFor } from "./console/page.ts";
import { createViews, phoneViewsFolder, styleOfPages } from "./console/views.ts";
import { consoleSessions } from "./console-session.ts";
import { firstAlertNames } from "./domain/alert.ts";
import type { Language } from "./domain/message-kind.ts";
import type { Datasources } from "./graph/datasource/datasources.ts";
import { drawSvg } from "./graph/svg/draw-svg.ts";
import { announcing } from "./own-notifications.ts";
import type { Guard } from "./receive/guard.ts";
import { isOfThisMachine } from "./receive/request-origin.ts";
import { senderOf } from "./receive/sender.ts";
import { matcherText } from "./route/matcher.ts";
import type { ServiceSetup, SharedParts } from "./service-parts.ts";

export interface PhonePageParts {
  readonly links: LinkSettings;
  readonly alertmanagers: Alertmanagers;
  readonly datasources: Datasources;
  readonly guard: Guard;
}

export function createPhonePage({ config }: ServiceSetup, shared: SharedParts, parts: PhonePageParts): Router {
  const { outbox, clock, metrics, linkPace: pace } = shared;
  const { links, alertmanagers, datasources } = parts;
  const keys = linkKeys(links);
  const languageOf = (req: Request, configured: Language) => languageFor(req.headers["accept-language"], configured);
  const acting: ActDeps = {
    store: outbox,
    announce: announcing(config, outbox),
    alertmanagerOf: (externalURL) => alertmanagers.of(externalURL),
    rules: config.silence,
    now: () => outbox.now(),
    wall: () => clock.wall(),
    newId: randomUUID,
  };
  const [key] = keys;
  if (key === undefined) throw new Error("links without a secret passed the check; report this as a bug");
  const deps: PhonePageDeps = {
    store: outbox,
    alertmanagers,
    pace,
    key,
    rules: config.silence,
    severities: config.severities,
    people: [...config.people.keys()],
    proxies: links,
    now: () => outbox.now(),
    wall: () => clock.wall(),
    languageOf,
    ...administrators(config, shared, parts),
    graphOf: graphsOf(config, datasources),
    senderOf,
    act: (request) => act(request, acting),
    report: reporting(shared),
  };
  return pageEndpoint({
    keys,
    now: () => clock.wall(),
    pace,
    read: (link, req) => readPage(link, req, deps),
    submit: (link, form, req) => submitForm({ link, form }, req, deps),
    message: (about, req) => messagePage(about, pageStrings(languageOf(req, config.language))),
    render: createRender(),
    answered: (code) => metrics.phonePage.requests.inc({ code }),
  });
}

/** A page does not wait longer for its graph. */
const graphMs = 1_500;

function graphsOf({ graphs, datasources: settings }: Config, datasources: Datasources): PhonePageDeps["graphOf"] {
  if (!graphs.enabled || settings.size === 0) return async () => "";
  return async ({ group, destination }, language) => {
    const signal = AbortSignal.timeout(graphMs);
    const asked = { language, timezone: destination.timezone, signal };
    try {
      const result = await datasources.graphOf(group, asked);
      return result.kind === "graph" ? drawSvg(result.content) : "";
    } catch {
      // The page is complete without a graph.
      return "";
    }
  };
}

/** Every page checks for a session or this machine; credentials only where they are needed, because wrong ones count as a failure. */
function administrators(
  config: Config,
  { web, clock }: SharedParts,
  { guard }: PhonePageParts,
): Pick<PhonePageDeps, "isLoggedIn" | "isAdmin" | "canLogIn"> {
  const sessions = consoleSessions(config, web);
  const isOpen = config.auth.admin.length + web.users.length === 0;
  const isLoggedIn = (req: Request) =>
    sessions.roleIn(req.headers.cookie, clock.wall()) === "admin" || (isOpen && isOfThisMachine(req));
  return {
    isLoggedIn,
    isAdmin: async (req) => isLoggedIn(req) || (await guard.admin(req)).kind === "allowed",
    canLogIn: config.auth.admin.some(({ kind }) => kind !== "hmac"),
  };
}

/** The record of who did what on the page. */
function reporting({ log, metrics }: SharedParts): PhonePageDeps["report"] {
  return (request, outcome) => {
    const { choice, by, bot, stored, sender } = request;
    const head = { by, bot, names: firstAlertNames(stored.group.alerts), address: sender.address };
    const result = outcome.kind === "failed" ? outcome.reason : "done";
    metrics.phonePage.actions.inc({ action: choice.action, result });
    if (outcome.kind === "failed") {
      const { reason, detail } = outcome;
      const message =
        choice.action === "silence" ? "not silenced on the phone page" : "not acknowledged on the phone page";
      log.warn({ ...head, reason, detail }, message);
    } else if (outcome.kind === "acknowledged") log.info(head, "acknowledged on the phone page");
    else log.info({ ...head, ...silenceFields(outcome) }, "silenced on the phone page");
  };
}

const mostLoggedChars = 500;

function silenceFields({ silenceId, endsAt, matchers }: Extract<ActionOutcome, { kind: "silenced" }>) {
  const text = matchers.map(matcherText).join(",");
  // With its dashes it would be masked as a robot key.
  return {
    silence: silenceId.replaceAll("-", ""),
    until: new Date(endsAt).toISOString(),
    matchers: `{${text.slice(0, mostLoggedChars)}}`,
  };
}

function createRender(): (view: PhoneView) => { readonly html: string; readonly style: string } {
  const views = createViews(phoneViewsFolder);
  let style: string | null = null;
  return ({ view, title, model }) => {
    style ??= styleOfPages(phoneViewsFolder, "page.css");
    return { html: views(view, { ...model, title, style }), style: `sha256-${hash("sha256", style, "base64")}` };
  };
}
