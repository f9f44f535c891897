// The composition root: the only file that joins the shells. A straight line down, in the order in which things need each
// other; stopping walks the same line backwards; long because every shell is joined here.

import { aliasesOf } from "./aliases.ts";
import type { Config } from "./config/config.ts";
import type { ReadTls } from "./config/load-web.ts";
import type { WebConfig } from "./config/web-config.ts";
import { Worker } from "./deliver/worker.ts";
import { createIntake } from "./intake.ts";
import { lanesOf } from "./lanes.ts";
import type { Clock } from "./observe/clock.ts";
import { reportDelivery } from "./observe/delivery-report.ts";
import type { Log } from "./observe/log.ts";
import { createMetrics, type Metrics } from "./observe/metrics.ts";
import { leaseMsOf, openOutbox } from "./open-outbox.ts";
import type { Outbox } from "./outbox/store.ts";
import { createAccept } from "./receive/accept.ts";
import { createGuard } from "./receive/guard.ts";
import { listen } from "./receive/listen.ts";
import { createPasswords } from "./receive/passwords.ts";
import { createReceiver } from "./receive/server.ts";
import type { TlsFace } from "./receive/tls-server.ts";
import type { TemplateSet } from "./render/template-set.ts";
import { deadApi } from "./web/dead-api.ts";
import { createRobotClient } from "./wecom/client.ts";
import { createPictureClient } from "./wecom/picture.ts";

/** How often settled rows are looked through for ones past their retention. */
const pruneEveryMs = 600_000;

/** What a request still open at shutdown gets before it is cut. */
const closeGraceMs = 5_000;

export interface ServiceOptions {
  readonly config: Config;
  readonly templates: TemplateSet;
  /** The clip of `siren_file`; null when none is configured. */
  readonly siren: Uint8Array | null;
  /** PEM certificates trusted besides Node's own; null for none. */
  readonly ca: string | null;
  readonly configHash: string;
  readonly version: string;
  /** Empty host for every address, port 0 for any. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly web: WebConfig;
  /** Null when `web` has no TLS. */
  readonly readTls: ReadTls | null;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Names this process in leases. */
  readonly owner: string;
  readonly log: Log;
  /** SQL for a PostgreSQL server's time in epoch ms, for tests that let it run faster; its own clock without it. */
  readonly databaseNow?: string;
}

export interface Service {
  readonly port: number;
  /**
   * Says "not ready" and keeps serving for `drainMs`, so that whoever routes to us notices; then takes no more, finishes and
   * records the requests in flight, and closes. What waits, waits on disk.
   */
  stop(options: { readonly drainMs: number }): Promise<void>;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, clock, log } = options;
  const metrics = createMetrics([...config.bots.keys()], options.version);
  const outbox = await openOutbox(options);
  const laneClock: Clock = {
    now: () => outbox.now(),
    wall: () => clock.wall(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const client = createRobotClient({
    baseURL: config.wecom.baseURL,
    timeoutMs: config.wecom.timeoutMs,
    proxyURL: config.wecom.proxyURL,
    proxyFromEnvironment: config.wecom.proxyFromEnvironment,
    ca: options.ca,
  });

  const pictures = createPictureClient(config.pictures);
  const worker = new Worker(
    lanesOf({
      ...{ config, templates: options.templates, siren: options.siren, pictures, outbox, clock: laneClock },
      random: options.random,
      owner: options.owner,
      leaseMs: leaseMsOf(config.storage),
      send: (key, body) => client.send(key, body),
      upload: (key, file) => client.upload(key, file),
      report: reportDelivery(log, metrics),
    }),
  );
  const passwords = createPasswords();
  let stopping = false;
  const receiver = createReceiver({
    accept: createAccept({
      intake: createIntake(config),
      outbox,
      now: () => outbox.now(),
      dedupWindowMs: config.webhook.dedupWindowMs,
      ...config.outbox,
      log,
      metrics,
    }),
    guard: createGuard({
      auth: () => config.auth,
      users: options.web.users,
      verify: passwords.verify,
      metrics,
      log,
      now: () => clock.now(),
      wall: () => clock.wall(),
    }),
    status: () => (stopping ? { ready: false, reason: "stopping", accepts: true } : { ready: true }),
    metrics,
    log,
    now: () => clock.now(),
    maxBodyBytes: config.webhook.maxBodyBytes,
    headers: options.web.headers,
    bots: () => (isOpen(options) ? [...config.bots.keys()] : []),
    alias: aliasesOf(config, options.templates),
    api: deadApi({ tellings: outbox, guarded: () => config.auth.admin.length + options.web.users.length > 0, log }),
  });
  observeBacklog({ metrics, outbox, worker });
  metrics.outboxLimit(config.outbox.maxNotifications);
  metrics.configLoaded({ atMs: clock.wall(), hash: options.configHash });

  const listening = await listen(receiver, { ...options.listen, tls: tlsFace(options, metrics) }).catch(
    async (cause: unknown) => {
      await outbox.close();
      throw cause;
    },
  );
  worker.start({ look: config.storage.engine === "sqlite" });
  const stopListening = outbox.onWork((bots, origin) => worker.wake(bots, origin));
  const pruning = startPruning({ outbox, clock, log, retentionMs: config.outbox.retentionMs });
  log.info({ port: listening.port, bots: config.bots.size, version: options.version }, "serving");

  return {
    port: listening.port,
    async stop({ drainMs }) {
      stopping = true;
      log.info({ drainMs }, "stopping");
      await clock.sleep(drainMs, new AbortController().signal);
      await listening.close(closeGraceMs);
      await passwords.close();
      stopListening();
      await worker.stop();
      await pruning.stop();
      await client.close();
      await pictures.close();
      await outbox.close();
      log.info({}, "stopped");
    },
  };
}

function tlsFace({ web, readTls, log, clock }: ServiceOptions, metrics: Metrics): TlsFace | null {
  if (web.tls === null || readTls === null) return null;
  return { config: web.tls, read: readTls, metrics, log, now: () => clock.now() };
}

/** Whether strangers may know the names of bots: not when anything is asked of who posts. */
function isOpen({ config: { auth }, web }: ServiceOptions): boolean {
  return auth.webhook.length === 0 && auth.bots.size === 0 && web.users.length === 0;
}

interface Observed {
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly worker: Worker;
}

/** Asked at every scrape: slots free with time alone, and ages grow. */
function observeBacklog({ metrics, outbox, worker }: Observed): void {
  metrics.backlogFrom(async () => {
    for (const { bot, freeSlots, keys, keysUp } of worker.standing()) {
      metrics.slotsFree(bot, freeSlots);
      metrics.keyUp(bot, keysUp === keys);
    }
    const now = outbox.now();
    const backlog = await outbox.backlog();
    return backlog.map(({ bot, notifications, oldestAcceptedAt }) => ({
      bot,
      notifications,
      oldestMs: now - oldestAcceptedAt,
    }));
  });
}

interface Pruning {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly retentionMs: number;
}

function startPruning({ outbox, clock, log, retentionMs }: Pruning): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const done = (async () => {
    while (!stopped.signal.aborted) {
      await outbox
        .prune(outbox.now() - retentionMs)
        .catch((err: unknown) => log.error({ err }, "pruning the outbox failed"));
      await clock.sleep(pruneEveryMs, stopped.signal);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}
