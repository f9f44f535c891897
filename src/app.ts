// The composition root: the only file that joins the shells. A straight line down, in the order in which things need each
// other; stopping walks the same line backwards; long because every shell is joined here.

import type { Config } from "./config/config.ts";
import type { ReadTls } from "./config/load-web.ts";
import { type Loading, type ReloadCause, Reloader, type Watched } from "./config/reload.ts";
import type { WebConfig } from "./config/web-config.ts";
import { closeAttempts } from "./deliver/orphans.ts";
import { Worker } from "./deliver/worker.ts";
import { memorySharesOf } from "./domain/memory-shares.ts";
import type { Clock } from "./observe/clock.ts";
import type { Log } from "./observe/log.ts";
import { createMetrics, type Metrics } from "./observe/metrics.ts";
import { leaseMsOf, openOutbox } from "./open-outbox.ts";
import type { Outbox } from "./outbox/store.ts";
import { createAuthMemory } from "./receive/auth-memory.ts";
import { listen } from "./receive/listen.ts";
import { createPasswords } from "./receive/passwords.ts";
import type { Status } from "./receive/probes.ts";
import type { TlsSetup } from "./receive/tls-server.ts";
import { Running, type ServiceSetup } from "./running.ts";

/** How often settled rows are looked through for ones past their retention. */
const pruneEveryMs = 600_000;

/** What a request still open at shutdown gets before it is cut. */
const closeGraceMs = 5_000;

export interface ServiceOptions {
  readonly setup: ServiceSetup;
  /** Reads the setup again, for a reload. */
  readonly load: () => Loading<ServiceSetup>;
  /** The files this setup was read from; null to take changes only when asked to. */
  readonly watched: Watched | null;
  readonly version: string;
  /** Messages go to the simulator: the log, the metrics and the status say so. */
  readonly demo: boolean;
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
  /** What the process may use of it. */
  readonly memoryBytes: number;
  readonly log: Log;
  /** SQL for a PostgreSQL server's time in epoch ms, for tests that let it run faster; its own clock without it. */
  readonly databaseNow?: string;
}

export interface Service {
  readonly port: number;
  /** The running one. */
  config(): Config;
  /** Returns the number of issues; 0 when the new config runs. */
  reload(cause: ReloadCause): { readonly issues: number };
  /**
   * Says "not ready" and keeps serving for `drainMs`, so that whoever routes to us notices; then takes no more, finishes and
   * records the requests in flight, and closes. What waits, waits on disk.
   */
  stop(options: { readonly drainMs: number }): Promise<void>;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const { clock, log } = options;
  const { storage } = options.setup.config;
  const outbox = await openOutbox({ ...options, storage });
  const shells = openShells(options, outbox);
  const { metrics, worker } = shells;
  const running = new Running(shells, options.setup);
  const reloader = new Reloader({ ...options, apply: (setup) => running.replace(setup), metrics });
  shells.reloadWith(reloader);
  observeBacklog({ metrics, outbox, worker });

  const listening = await listen((req, res) => running.answer(req, res), {
    ...options.listen,
    tls: tlsOptions(options, metrics),
  }).catch(async (cause: unknown) => {
    reloader.stop();
    await outbox.close();
    throw cause;
  });
  await closeAttempts(outbox, await running.orphans(), { ...shells, now: outbox.now() });
  await running.sayOrphans();
  await running.deliver({ look: storage.engine === "sqlite" });
  const stopListening = outbox.onWork((bots, origin) => worker.wake(bots, origin));
  const pruning = startPruning({ outbox, clock, log, retentionMs: () => running.config.outbox.retentionMs });
  log.info({ port: listening.port, bots: running.config.bots.size, version: options.version }, "serving");
  if (options.demo) log.warn({}, "demo: messages go to the simulator; nothing leaves this machine");

  const stop = async (drainMs: number) => {
    shells.stopping();
    reloader.stop();
    log.info({ drainMs }, "stopping");
    await clock.sleep(drainMs, new AbortController().signal);
    await listening.close(closeGraceMs);
    stopListening();
    const stopped = worker.stop();
    await running.abandonRendering();
    await stopped;
    await pruning.stop();
    await running.close();
    await shells.close();
    log.info({}, "stopped");
  };
  return {
    port: listening.port,
    config: () => running.config,
    reload: (cause) => reloader.reload(cause),
    stop: ({ drainMs }) => stop(drainMs),
  };
}

/** What every configuration works with. A reload is asked for through them and needs them: `reloadWith` closes that ring. */
function openShells(options: ServiceOptions, outbox: Outbox) {
  const { clock, log, web, random, owner } = options;
  const metrics = createMetrics([...options.setup.config.bots.keys()], options.version);
  metrics.demoMode(options.demo);
  const passwords = createPasswords();
  let isStopping = false;
  let reloader: Reloader<ServiceSetup> | null = null;
  return {
    ...{ outbox, metrics, passwords, clock, log, web, random, owner },
    version: options.version,
    demo: options.demo,
    startedAt: clock.now(),
    leaseMs: leaseMsOf(options.setup.config.storage),
    memory: memorySharesOf(options.memoryBytes),
    worker: new Worker(),
    authMemory: createAuthMemory(),
    status: (): Status => (isStopping ? { ready: false, reason: "stopping", accepts: true } : { ready: true }),
    reload: (cause: ReloadCause) => reloader?.reload(cause) ?? { issues: 1 },
    refusedIssues: () => reloader?.issues ?? 0,
    reloadWith(one: Reloader<ServiceSetup>) {
      reloader = one;
    },
    stopping() {
      isStopping = true;
    },
    async close() {
      await passwords.close();
      await outbox.close();
    },
  };
}

function tlsOptions({ web, readTls, log, clock }: ServiceOptions, metrics: Metrics): TlsSetup | null {
  if (web.tls === null || readTls === null) return null;
  return { config: web.tls, read: readTls, metrics, log, now: () => clock.now() };
}

interface Observed {
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly worker: Worker;
}

/** Asked at every scrape: slots free with time alone, and ages grow. */
function observeBacklog({ metrics, outbox, worker }: Observed): void {
  metrics.backlogFrom(async () => {
    for (const { bot, freeSlots, keys, keysUp } of worker.status()) {
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
  readonly retentionMs: () => number;
}

function startPruning({ outbox, clock, log, retentionMs }: Pruning): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const done = (async () => {
    while (!stopped.signal.aborted) {
      await outbox
        .prune(outbox.now() - retentionMs())
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
