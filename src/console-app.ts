// What the pages of one configuration show and do.

import type { Router } from "express";
import type { Config, Credential } from "./config/config.ts";
import { Secret } from "./config/secret.ts";
import type { WebConfig } from "./config/web-config.ts";
import { configPage } from "./console/config-page.ts";
import { type ConsoleSection, createConsole } from "./console/console.ts";
import { overviewPage } from "./console/overview.ts";
import { fieldOf, fieldsOf, type Page, type Visit } from "./console/page.ts";
import { kindFrom, playgroundPage, sourceOf, templateFile } from "./console/playground.ts";
import type { PlaygroundThread } from "./console/playground-thread.ts";
import { mostRefused, refusedDeliveryPage, refusedPage } from "./console/refused.ts";
import { labelsIn, type RoutedTrial, routingPage } from "./console/routing.ts";
import { loadSamples, sampleIn } from "./console/samples.ts";
import { testAlert } from "./console/test-alert.ts";
import { timesIn } from "./console/times.ts";
import type { RenderPlanned, RenderRequest } from "./deliver/renderer.ts";
import type { AlertStatus, LabelSet } from "./domain/alert.ts";
import type { RoutedGroup } from "./domain/notification.ts";
import { createIntake } from "./intake.ts";
import type { AcceptOptions } from "./outbox/store.ts";
import type { Guard } from "./receive/guard.ts";
import { senderOf } from "./receive/sender.ts";
import { createSessions } from "./receive/session.ts";
import { createVisitors } from "./receive/visitors.ts";
import { destinationOf } from "./route/split-group.ts";
import { explainRoutes, matchRoutes } from "./route/tree.ts";
import type { LiveService, ServiceSetup, SharedParts } from "./service-parts.ts";
import { windowMessages } from "./wecom/limits.ts";

interface ConsoleParts {
  readonly guard: Guard;
  readonly live: LiveService;
  readonly render: RenderPlanned;
  readonly playground: PlaygroundThread;
}

export function createConsoleApp(
  setup: ServiceSetup,
  shared: SharedParts,
  { guard, live, render, playground }: ConsoleParts,
): Router {
  const { web, clock, log, passwords } = shared;
  const { auth, language } = setup.config;
  const sessions = createSessions(Secret.derive(secretsOf(setup.config, web), "console session"));
  return createConsole({
    auth,
    visitors: createVisitors({ auth, users: web.users, guard, verify: passwords.verify, clock, sessions }),
    sessions,
    language,
    log,
    now: () => clock.wall(),
    sections: [
      overviewSection(setup, shared, live),
      refusedSection(setup, shared),
      routingSection(setup, shared, render),
      playgroundSection(setup, shared, playground),
      configSection(setup, shared, live),
    ],
  });
}

function overviewSection({ config }: ServiceSetup, shared: SharedParts, live: LiveService): ConsoleSection {
  const { log, outbox } = shared;
  return {
    name: (strings) => strings.overview,
    adminOnly: false,
    count: null,
    pages: {
      "/": async (visit) =>
        overviewPage(visit, await live.status(), { timezone: config.timezone, wallAt: shared.clock.wall() }),
    },
    actions: {
      "/bots/:bot/try-now": async (_visit, { params }) => {
        const bots = await live.tryNow([String(params.bot)]);
        if (bots === null) return null;
        log.info({ bots }, "operator asked to try again now");
        return "/";
      },
      "/bots/:bot/test": async (_visit, req) => {
        const bot = String(req.params.bot);
        const test = testAlert(config, bot, outbox.now());
        if (test === null) return null;
        await outbox.accept([test], acceptOptions(config, { acceptedAt: outbox.now(), sender: senderOf(req) }));
        log.info({ bot }, "operator sent a test message");
        await live.tryNow([bot]);
        return "/";
      },
    },
  };
}

function refusedSection({ config }: ServiceSetup, { outbox, clock, log }: SharedParts): ConsoleSection {
  const times = () => timesIn({ timezone: config.timezone, now: clock.wall(), outboxNow: outbox.now() });
  return {
    name: (strings) => strings.refused,
    adminOnly: false,
    count: async () => [...(await outbox.countDead()).values()].reduce((sum, one) => sum + one, 0),
    pages: {
      "/refused": async (visit, { query }) => {
        const act = (["replayed", "dropped"] as const).find((name) => name in query);
        const done = act === undefined ? null : { act, count: Number(query[act]) };
        const deliveries = await outbox.dead({ maxDeliveries: mostRefused });
        return refusedPage(visit, { deliveries, times: times(), done });
      },
      "/refused/:id": async (visit, { params }) => {
        const deliveries = await outbox.dead({ maxDeliveries: 1_000 });
        const delivery = deliveries.find(({ id }) => String(id) === params.id);
        return delivery === undefined ? null : refusedDeliveryPage(visit, { delivery, times: times() });
      },
    },
    actions: {
      "/refused": async (_visit, { body }) => {
        const ids = fieldsOf(body, "id").map(Number).filter(Number.isSafeInteger);
        if (fieldOf(body, "act") === "drop") {
          const dropped = await outbox.drop(ids);
          log.info({ ids: dropped }, "operator dropped dead deliveries");
          return `/refused?dropped=${dropped.length}`;
        }
        const replayed = await outbox.replay(ids);
        log.info({ ids: replayed }, "operator replayed dead deliveries");
        return `/refused?replayed=${replayed.length}`;
      },
    },
  };
}

function routingSection(
  { config }: ServiceSetup,
  { outbox, clock }: SharedParts,
  render: RenderPlanned,
): ConsoleSection {
  const intake = createIntake(config);
  const trialsOf = async (labels: LabelSet, status: AlertStatus): Promise<readonly RoutedTrial[]> => {
    const bytes = Buffer.from(
      JSON.stringify({ alerts: [{ labels, status, startsAt: new Date(clock.wall()).toISOString() }] }),
    );
    const result = intake({ bytes, charset: null }, { kind: "route" }, clock.wall());
    const routed = result.kind === "rejected" ? [] : result.notifications.map((notification) => notification.routed);
    const requests = routed.map((one) => previewRequest([one], { outboxNow: outbox.now(), wallAt: clock.wall() }));
    const rendered = await Promise.all(requests.map(render));
    return routed.flatMap((one, n) => {
      const { bot } = one.destination;
      const route = matchRoutes(config.route, labels).find(({ settings }) => settings.bots.includes(bot))?.path;
      const of = rendered[n];
      return of === undefined ? [] : [{ bot, route: route ?? "", rendered: of }];
    });
  };
  return {
    name: (strings) => strings.routing,
    adminOnly: false,
    count: null,
    pages: {
      "/routing": async (visit, { query }) => {
        const text = fieldOf(query, "labels");
        const status = fieldOf(query, "status") === "resolved" ? "resolved" : "firing";
        const labels = labelsIn(text);
        const isAsked = Object.keys(labels).length > 0;
        return routingPage(visit, {
          text,
          status,
          visited: isAsked ? explainRoutes(config.route, labels) : null,
          trials: isAsked ? await trialsOf(labels, status) : [],
          people: config.people,
          recent: [],
        });
      },
    },
    actions: {},
  };
}

function playgroundSection(setup: ServiceSetup, { clock }: SharedParts, thread: PlaygroundThread): ConsoleSection {
  const { config, templates } = setup;
  const { settings } = config.route;
  const pageFor = async (visit: Visit, form: unknown, isTyped: boolean): Promise<Page> => {
    const kind = kindFrom(fieldOf(form, "kind"));
    const names = templates.in[settings.language].names(kind);
    const template = names.find((name) => name === fieldOf(form, "template")) ?? "default";
    const samples = loadSamples();
    const sample = sampleIn(samples, fieldOf(form, "sample"));
    const path = templateFile(template, kind);
    const text = isTyped ? fieldOf(form, "text") : sourceOf(templates.sources, path, settings.language);
    const mention = { users: [], mobiles: [], all: false, on: [], repeats: false };
    const destination = { ...destinationOf("playground", settings), messages: [kind], template, mention };
    const source = { name: template, path, text, language: null };
    const result = await thread.render({ source, group: sample.group, destination, now: clock.wall() });
    return playgroundPage(visit, { kind, template, templates: names, text, sample: sample.name, samples, result });
  };
  return {
    name: (strings) => strings.playground,
    adminOnly: true,
    count: null,
    pages: { "/playground": (visit, { query }) => pageFor(visit, query, false) },
    actions: {
      "/playground": (visit, { body }) => pageFor(visit, body, true),
      "/playground/download": (_visit, { body }) => ({
        file: templateFile(fieldOf(body, "template"), kindFrom(fieldOf(body, "kind"))),
        text: fieldOf(body, "text"),
      }),
    },
  };
}

/** For what an operator asks to send: a copy is no duplicate. */
function acceptOptions(
  { outbox, bots }: Config,
  { acceptedAt, sender }: Pick<AcceptOptions, "acceptedAt" | "sender">,
): AcceptOptions {
  const { maxNotifications, maxBytes } = outbox;
  const limits = { maxNotifications, maxBytes, severalBots: bots.size > 1 };
  return { ...limits, acceptedAt, sender, dedupWindowMs: 0, signature: null, unsent: [] };
}

/** As if these groups waited for their bot, and nothing of them had been delivered before. */
function previewRequest(
  groups: readonly RoutedGroup[],
  { outboxNow, wallAt }: { readonly outboxNow: number; readonly wallAt: number },
): RenderRequest {
  return {
    bot: groups[0]?.destination.bot ?? "",
    late: false,
    urgent: false,
    mostInFull: windowMessages,
    groups: groups.map((routed) => [{ id: 0, acceptedAt: outboxNow, body: JSON.stringify(routed) }]),
    delivered: new Map(),
    plannedAt: outboxNow,
    wallAt,
  };
}

function configSection({ config }: ServiceSetup, shared: SharedParts, live: LiveService): ConsoleSection {
  const { reload, refusedIssues } = shared;
  return {
    name: (strings) => strings.configuration,
    adminOnly: false,
    count: null,
    pages: {
      "/config": async (visit, { query }) => {
        const shown = { config, status: await live.status(), refused: refusedIssues(), reloaded: "reloaded" in query };
        return configPage(visit, shown);
      },
    },
    actions: {
      "/config/reload": async () => ((await reload()).issues === 0 ? "/config?reloaded" : "/config"),
    },
  };
}

/** What all replicas share and no reader knows: who knows one of them cannot sign a session. */
function secretsOf({ auth, bots }: Config, { users }: WebConfig): readonly Secret[] {
  const keys = [...bots.values()].flatMap((bot) => bot.keys);
  return [...[...auth.admin, ...auth.viewer, ...users].map(secretIn), ...keys];
}

function secretIn(credential: Credential): Secret {
  switch (credential.kind) {
    case "authorization":
      return credential.credentials;
    case "header":
    case "query":
      return credential.value;
    case "basic":
      return credential.passwordHash;
    case "hmac":
      return credential.secret;
  }
}
