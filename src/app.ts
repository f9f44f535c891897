// Opens, connects and starts all parts. What is opened is closed in reverse order, also when the start fails.

import { LinkPace } from "./actions/link-pace.ts";
import type { Config } from "./config/config.ts";
import type { ReadTls } from "./config/load-web.ts";
import { type Loading, type ReloadCause, Reloader, type ReloadResult, type Watched } from "./config/reload.ts";
import { storageName } from "./config/storage.ts";
import type { WebConfig } from "./config/web-config.ts";
import { pacedBacklog } from "./console/paced-backlog.ts";
import { createKeyTurns } from "./deliver/send.ts";
import { Worker } from "./deliver/worker.ts";
import { memorySharesOf } from "./domain/memory-shares.ts";
import { LiveRuntime } from "./live-runtime.ts";
import type { Clock } from "./observe/clock.ts";
import { reportDatasource } from "./observe/datasource-report.ts";
import { reportDelivery } from "./observe/delivery-report.ts";
import type { Log } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { StorageHealth } from "./observe/storage-health.ts";
import { openOutbox } from "./open-outbox.ts";
import { OutboxAway } from "./outbox/errors.ts";
import type { DiskLimits } from "./outbox/store.ts";
import { createAcceptLog } from "./receive/accept-log.ts";
import { createAuthFailures } from "./receive/auth-failures.ts";
import { createBodyPool } from "./receive/body-pool.ts";
import { listen } from "./receive/listen.ts";
import { createLogPace } from "./receive/log-pace.ts";
import { createPasswords } from "./receive/passwords.ts";
import type { TlsSetup } from "./receive/tls-server.ts";
import type { ServiceSetup, SharedParts } from "./service-parts.ts";

/** Attempts on record longer than this count in no window. */
const attemptsKeptMs = 3_600_000;

/** How often the size of the outbox is looked at. A disk of 50 MB/s takes half a gigabyte in this time. */
const limitDiskEveryMs = 10_000;

/** In so many of these rounds the outbox is searched once for settled rows that are past their retention. */
const pruneRounds = 60;

/** Senders are written and the history is indexed this often. */
const tidyEveryMs = 60_000;

/** How often silences that are due are looked for. An alert that fires after its silence is sent about this long after its end. */
const followUpEveryMs = 10_000;

/** How long a request that is open at shutdown may take before its connection is closed. */
const closeGraceMs = 5_000;

export interface ServiceOptions {
  readonly setup: ServiceSetup;
  /** Reads the setup again, for a reload. */
  readonly load: () => Loading<ServiceSetup>;
  /** The files this setup was read from; null to reload only on request. */
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
  /** Names this process among the replicas. */
  readonly owner: string;
  /** What the process may use of the machine's memory. */
  readonly memoryBytes: number;
  /** How many files and connections the process may have open. */
  readonly descriptors: number;
  readonly log: Log;
  /** SQL for a PostgreSQL server's time in epoch ms, for tests that let it run faster; its own clock without it. */
  readonly databaseNow?: string;
}

export interface Service {
  readonly port: number;
  /** The running one. */
  config(): Config;
  /** Does nothing once the service stops. */
  reload(cause: ReloadCause): ReloadResult;
  /**
   * Is not ready, but keeps serving for `drainMs`, so that load balancers notice. Then accepts no more, finishes and records the
   * requests in flight, and closes. What is queued stays on disk.
   */
  stop(options: { readonly drainMs: number }): Promise<void>;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const closers = new AsyncDisposableStack();
  try {
    return await openAndStart(options, closers);
  } catch (cause) {
    await closers.disposeAsync();
    throw cause;
  }
}

/** Longer than other functions on purpose: the order of its lines matters. */
async function openAndStart(options: ServiceOptions, closers: AsyncDisposableStack): Promise<Service> {
  const { setup, clock, log, web } = options;
  const { storage, bots } = setup.config;
  let isStopping = false;

  const metrics = new Metrics([...bots.keys()], options.version);
  metrics.demo.set({}, options.demo ? 1 : 0);

  const memory = memorySharesOf(options.memoryBytes);
  const health = new StorageHealth(log, clock);
  const outbox = await openOutbox(storage, { ...options, maxBodiesLength: memory.keptBodiesBytes, health });
  closers.defer(() => outbox.close());
  // Ends when the clients are closed.
  let followingUp = Promise.resolve();
  closers.defer(() => followingUp);

  const authFailures = createAuthFailures();
  const passwords = createPasswords((client) => authFailures.failed(client, clock.now()));
  closers.defer(() => passwords.close());

  const logPace = createLogPace(() => clock.now());
  const shared: SharedParts = {
    version: options.version,
    demo: options.demo,
    outbox,
    health,
    backlog: pacedBacklog(
      () => outbox.backlog(),
      () => clock.now(),
    ),
    clock,
    random: options.random,
    memory,
    takeTurn: createKeyTurns(),
    report: reportDelivery(log, metrics),
    reportQuery: reportDatasource({ log, metrics, logPace }),
    log,
    logAccepted: createAcceptLog(log, clock),
    metrics,
    web,
    passwords,
    authFailures,
    bodies: createBodyPool(memory.bodies),
    logPace,
    linkPace: new LinkPace(() => clock.now()),
    readiness: () => (isStopping ? { ready: false, reason: "stopping", accepts: true } : { ready: true }),
    reload: () => reloader.request(),
    refusedIssues: () => reloader.issues,
  };
  const worker = new Worker();
  const runtime = new LiveRuntime(setup, shared, worker);
  closers.defer(() => runtime.stop());

  const reloader = new Reloader({
    load: options.load,
    apply: (next) => runtime.replace(next),
    metrics,
    log,
    watched: options.watched,
  });
  closers.defer(() => reloader.stop());

  metrics.backlogFrom(() => measureBacklog(shared, worker));

  const listening = await listen((req, res) => runtime.answer(req, res), {
    host: options.listen.host,
    port: options.listen.port,
    tls: tlsOf(options, metrics),
    connections: {
      max: Math.min(memory.connections, Math.floor(options.descriptors / 2)),
      onClosed: connectionClosed(shared),
    },
  });
  closers.defer(() => listening.close(closeGraceMs));

  // Nothing is sent or deleted before this: an error of an address, a file or the database has ended the start.
  await runtime.start();

  const pruning = new AbortController();
  closers.defer(() => pruning.abort());
  void keepPruning(runtime, shared, pruning.signal);
  void keepTidy(shared, pruning.signal);
  followingUp = keepFollowingUp(runtime, shared, pruning.signal);

  logServing(listening.port, options);
  if (options.demo) log.warn({}, "demo: messages go to the simulator; nothing leaves this machine");

  return {
    port: listening.port,
    config: () => runtime.config,
    reload: (cause) => (isStopping ? { issues: 0 } : reloader.reload(cause)),
    async stop({ drainMs }) {
      isStopping = true;
      // Before the drain: a reload would start lanes that are about to stop.
      reloader.stop();
      log.info({ drainMs }, "stopping");
      await clock.sleep(drainMs, new AbortController().signal);
      await closers.disposeAsync();
      log.info({}, "stopped");
    },
  };
}

function logServing(port: number, { setup, web, listen, version, log }: ServiceOptions): void {
  const { auth, storage, bots } = setup.config;
  const { host } = listen;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const hasUsers = web.users.length > 0;
  const access = { authWebhook: hasUsers || auth.webhook.length > 0, authAdmin: hasUsers || auth.admin.length > 0 };
  const served = { address, tls: web.tls !== null, storage: storageName(storage), ...access };
  log.info({ ...served, bots: bots.size, version }, "serving");
}

function tlsOf({ web, readTls, log, clock }: ServiceOptions, metrics: Metrics): TlsSetup | null {
  if (web.tls === null || readTls === null) return null;
  return { config: web.tls, read: readTls, metrics, log, now: () => clock.now() };
}

function connectionClosed({ metrics, log, logPace }: SharedParts) {
  return (address: string | undefined) => {
    metrics.connectionsClosed.inc({});
    const silent = logPace.due("connections");
    if (silent !== null) log.warn({ address, silent }, "a connection was closed: too many, or too much at once");
  };
}

/** Called at every scrape: the number of free slots and the ages change with time. */
async function measureBacklog({ metrics, outbox, backlog }: SharedParts, worker: Worker) {
  for (const { bot, windowSlots, freeSlots, keys, keysUp, untriedKeys } of worker.status([])) {
    metrics.windowSlotsFree.set({ bot }, freeSlots ?? windowSlots);
    if (keysUp < keys) metrics.keyUp.set({ bot }, 0);
    else if (untriedKeys === 0) metrics.keyUp.set({ bot }, 1);
    else metrics.keyUp.remove({ bot });
  }
  const now = outbox.now();
  return (await backlog()).map(({ bot, notifications, oldestAcceptedAt }) => {
    return { bot, notifications, oldestMs: now - oldestAcceptedAt };
  });
}

/** Until `signal` aborts. A prune that runs then is ended by closing the outbox. */
async function keepPruning(runtime: LiveRuntime, shared: SharedParts, signal: AbortSignal): Promise<void> {
  const { outbox, clock, log } = shared;
  const limitDisk = diskLimiter(shared);
  for (let round = 0; !signal.aborted; round += 1) {
    const { retentionMs, maxDiskBytes } = runtime.config.outbox;
    const now = outbox.now();
    const settledBefore = now - retentionMs;
    try {
      if (round % pruneRounds === 0) await outbox.prune({ settledBefore, attemptsBefore: now - attemptsKeptMs });
      await limitDisk({ maxBytes: maxDiskBytes, settledBefore });
    } catch (err) {
      // That its database is away, the outbox reports once.
      if (!(err instanceof OutboxAway)) log.error({ err }, "failed to prune the outbox");
    }
    await clock.sleep(limitDiskEveryMs, signal);
  }
}

function diskLimiter({ outbox, log }: SharedParts): (limits: DiskLimits) => Promise<void> {
  let wasFull = false;
  return async (limits) => {
    const { bytes, deleted, isFull } = await outbox.limitDisk(limits);
    const fields = { bytes, maxBytes: limits.maxBytes };
    if (deleted > 0) log.warn({ ...fields, deleted }, "the outbox reached max_disk: the oldest history was deleted");
    if (isFull && !wasFull) log.error(fields, "what waits takes more than max_disk: webhooks are answered with 503");
    wasFull = isFull;
  };
}

async function keepTidy({ outbox, clock, log }: SharedParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(tidyEveryMs, signal);
    await outbox.tidyHistory().catch((err: unknown) => {
      // That the database is away is reported where it was noticed.
      if (!(err instanceof OutboxAway)) log.error({ err }, "failed to index the history");
    });
  }
}

async function keepFollowingUp(runtime: LiveRuntime, { clock }: SharedParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(followUpEveryMs, signal);
    if (!signal.aborted) await runtime.followUpSilences(signal);
  }
}
