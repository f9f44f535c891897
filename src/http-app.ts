// The HTTP side of one configuration: webhooks, addresses of other adapters, probes, console and API behind one guard.

import { type Express, type RequestHandler, Router } from "express";
import type { Alertmanagers } from "./actions/alertmanagers.ts";
import { botLookup } from "./config/bots.ts";
import type { Config } from "./config/config.ts";
import type { WebConfig } from "./config/web-config.ts";
import { deadApi } from "./console/dead-api.ts";
import { historyApi } from "./console/history-api.ts";
import type { PlaygroundThread } from "./console/playground-thread.ts";
import { statusApi } from "./console/status-endpoints.ts";
import { tryNowApi } from "./console/try-now-api.ts";
import type { RenderPlanned } from "./deliver/renderer.ts";
import { messageKinds } from "./domain/message-kind.ts";
import type { Datasources } from "./graph/datasource/datasources.ts";
import { createIntake } from "./intake.ts";
import { createAccept } from "./receive/accept.ts";
import { createAliases, type FindAlias } from "./receive/compat.ts";
import { createGuard, type Guard } from "./receive/guard.ts";
import { createReceiver } from "./receive/server.ts";
import type { TemplateSet } from "./render/template/template-set.ts";
import type { LiveService, ServiceSetup, SharedParts } from "./service-parts.ts";

export interface HttpAppParts {
  /** Of the runtime in use, which may be a later one than that of the request. */
  readonly live: LiveService;
  /** With the templates of this configuration. */
  readonly render: RenderPlanned;
  readonly playground: PlaygroundThread;
  readonly alertmanagers: Alertmanagers;
  readonly datasources: Datasources;
}

export function createHttpApp(setup: ServiceSetup, shared: SharedParts, parts: HttpAppParts): Express {
  const { live } = parts;
  const { config, templates } = setup;
  const { web, outbox, clock, log, metrics } = shared;
  const { auth, webhook } = config;
  const guard = createGuard({
    auth,
    users: web.users,
    verify: shared.passwords.verify,
    metrics,
    log,
    clock,
    outbox,
    failures: shared.authFailures,
  });
  return createReceiver({
    accept: createAccept({
      intake: createIntake(config),
      outbox,
      now: () => outbox.now(),
      dedupWindowMs: webhook.dedupWindowMs,
      maxNotifications: config.outbox.maxNotifications,
      maxBytes: config.outbox.maxBytes,
      severalBots: config.bots.size > 1,
      health: shared.health,
      logAccepted: shared.logAccepted,
      log,
      logPace: shared.logPace,
      metrics,
    }),
    guard,
    refused: (sender, refusal) =>
      outbox.noteSender({
        ...sender,
        receiver: "",
        source: "unknown",
        postedAt: 0,
        refusedAt: outbox.now(),
        refusal,
      }),
    status: shared.readiness,
    metrics,
    log,
    maxBodyBytes: webhook.maxBodyBytes,
    bodies: shared.bodies,
    isBot: (name) => config.bots.has(name),
    logPace: shared.logPace,
    headers: web.headers,
    bots: asksForCredentials(config, web) ? [] : [...config.bots.keys()],
    alias: findAliasOf(config, templates),
    reload: shared.reload,
    console: pages(setup, shared, { ...parts, guard }),
    api: Router()
      .use(statusApi(live.status))
      .use(historyApi(outbox))
      .use(deadApi({ deliveries: outbox, log }))
      .use(tryNowApi({ tryNow: live.tryNow, log })),
  });
}

interface PagesParts extends HttpAppParts {
  readonly guard: Guard;
}

/** The console, and the phone page where messages lead to it. */
function pages(setup: ServiceSetup, shared: SharedParts, parts: PagesParts): RequestHandler {
  const console = lazily(async () => (await import("./console-app.ts")).createConsoleApp(setup, shared, parts));
  const { links } = setup.config;
  if (links === null) return console;
  const phonePage = lazily(async () =>
    (await import("./phone-page.ts")).createPhonePage(setup, shared, { ...parts, links }),
  );
  return Router().use("/a", phonePage).use(console);
}

/** Loaded with the first request: most services have no reader for weeks. */
function lazily(load: () => Promise<RequestHandler>): RequestHandler {
  let loading: Promise<RequestHandler> | null = null;
  return async (req, res, next) => {
    loading ??= load();
    (await loading)(req, res, next);
  };
}

/** Whether senders need credentials. If they do, the answer to an unknown path does not name the bots. */
function asksForCredentials({ auth }: Config, { users }: WebConfig): boolean {
  return auth.webhook.length > 0 || auth.bots.size > 0 || users.length > 0;
}

function findAliasOf({ bots, auth, compat, language }: Config, templates: TemplateSet): FindAlias {
  return createAliases({
    peers: compat.peers,
    botOf: botLookup({ bots, allowInlineKeys: compat.allowInlineKeys }),
    hasOwnCredentials: (bot) => auth.bots.has(bot),
    hasTemplate: (name) => messageKinds.some((kind) => templates.in[language].names(kind).includes(name)),
  });
}
