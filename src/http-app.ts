// What one configuration makes of the HTTP side: hooks, guard, aliases and pages, joined. A reload makes another; a request is answered
// wholly by the one it came to.

import { type Express, Router } from "express";
import { aliasesOf } from "./aliases.ts";
import type { Config } from "./config/config.ts";
import type { WebConfig } from "./config/web-config.ts";
import { deadApi } from "./console/dead-api.ts";
import type { ServiceStatus } from "./console/status.ts";
import { statusApi, statusEndpoint } from "./console/status-endpoints.ts";
import type { MemoryShares } from "./domain/memory-shares.ts";
import { createIntake } from "./intake.ts";
import type { Clock } from "./observe/clock.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { Outbox } from "./outbox/store.ts";
import { createAccept } from "./receive/accept.ts";
import type { AuthMemory } from "./receive/auth-memory.ts";
import { createGuard } from "./receive/guard.ts";
import type { Passwords } from "./receive/passwords.ts";
import type { Reload, Status } from "./receive/probes.ts";
import { createReceiver } from "./receive/server.ts";
import type { TemplateSet } from "./render/template-set.ts";

export interface HttpAppOptions {
  readonly config: Config;
  readonly templates: TemplateSet;
  readonly web: WebConfig;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly memory: MemoryShares;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly passwords: Passwords;
  /** Outlives a configuration: what was seen of strangers and of signatures. */
  readonly authMemory: AuthMemory;
  readonly status: () => Status;
  readonly overview: () => Promise<ServiceStatus>;
  readonly reload: Reload;
}

export function createHttpApp(sources: HttpAppOptions): Express {
  const { config, templates, web, outbox, clock, memory, log, metrics, status, overview, reload } = sources;
  const { auth, webhook, bots } = config;
  const now = () => clock.now();
  const { maxNotifications, maxBytes } = config.outbox;
  return createReceiver({
    accept: createAccept({
      intake: createIntake(config),
      ...{ outbox, log, metrics, maxNotifications, maxBytes },
      now: () => outbox.now(),
      dedupWindowMs: webhook.dedupWindowMs,
    }),
    guard: createGuard({
      auth: () => auth,
      users: web.users,
      verify: sources.passwords.verify,
      ...{ metrics, log, clock },
      memory: sources.authMemory,
    }),
    ...{ status, metrics, log, now, reload },
    maxBodyBytes: webhook.maxBodyBytes,
    maxHeldBytes: memory.bodiesBytes,
    headers: web.headers,
    bots: () => (isOpen(config, web) ? [...bots.keys()] : []),
    alias: aliasesOf(config, templates),
    page: statusEndpoint({ status: overview, language: config.language }),
    api: Router()
      .use(statusApi({ status: overview }))
      .use(deadApi({ deliveries: outbox, guarded: () => auth.admin.length + web.users.length > 0, log })),
  });
}

/** Whether strangers may know the names of bots: not when anything is asked of who posts. */
function isOpen({ auth }: Config, { users }: WebConfig): boolean {
  return auth.webhook.length === 0 && auth.bots.size === 0 && users.length === 0;
}
