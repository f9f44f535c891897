// The HTTP side of one configuration: webhooks, addresses of other adapters, probes, console and API behind one guard.

import { type Express, Router } from "express";
import { botLookup } from "./config/bots.ts";
import type { Config } from "./config/config.ts";
import type { WebConfig } from "./config/web-config.ts";
import { deadApi } from "./console/dead-api.ts";
import { historyApi } from "./console/history-api.ts";
import type { ServiceStatus } from "./console/status.ts";
import { statusApi, statusEndpoint } from "./console/status-endpoints.ts";
import { type TryNow, tryNowApi } from "./console/try-now-api.ts";
import { messageKinds } from "./domain/message-kind.ts";
import { createIntake } from "./intake.ts";
import { createAccept } from "./receive/accept.ts";
import { createAliases, type FindAlias } from "./receive/compat.ts";
import { createGuard } from "./receive/guard.ts";
import { createReceiver } from "./receive/server.ts";
import type { TemplateSet } from "./render/template/template-set.ts";
import type { ServiceSetup, SharedParts } from "./service-parts.ts";

/** What pages and API show and do: of the runtime in use, which may be a later one than that of the request. */
export interface LiveService {
  readonly status: () => Promise<ServiceStatus>;
  readonly tryNow: TryNow;
}

export function createHttpApp(setup: ServiceSetup, shared: SharedParts, { status, tryNow }: LiveService): Express {
  const { config, templates } = setup;
  const { web, outbox, clock, log, metrics } = shared;
  const { auth, webhook } = config;
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
    guard: createGuard({
      auth,
      users: web.users,
      verify: shared.passwords.verify,
      metrics,
      log,
      clock,
      outbox,
      failures: shared.authFailures,
    }),
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
    page: statusEndpoint(status, config.language),
    api: Router()
      .use(statusApi(status))
      .use(historyApi(outbox))
      .use(deadApi({ deliveries: outbox, log }))
      .use(tryNowApi({ tryNow, log })),
  });
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
