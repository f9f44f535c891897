// The runtime that is in use, and those that a reload has replaced, each until the work it began is finished.

import type { IncomingMessage, ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config/config.ts";
import { overviewOf } from "./console/overview-sentence.ts";
import { botStatuses, onCallStatuses, type ServiceStatus, storageFailures } from "./console/status.ts";
import { closeAttempts } from "./deliver/orphans.ts";
import type { Worker } from "./deliver/worker.ts";
import type { LaneBacklog } from "./outbox/store.ts";
import { Runtime } from "./runtime.ts";
import type { LiveService, ServiceSetup, SharedParts } from "./service-parts.ts";

export class LiveRuntime implements LiveService {
  readonly #shared: SharedParts;
  readonly #worker: Worker;
  readonly #startedAt: number;
  readonly #retiring = new Map<Runtime, Promise<void>>();
  #current: Runtime;
  #stopListening = () => {};

  constructor(setup: ServiceSetup, shared: SharedParts, worker: Worker) {
    this.#shared = shared;
    this.#worker = worker;
    this.#startedAt = shared.clock.now();
    this.#current = this.#make(setup);
    this.#showConfig();
  }

  get config(): Config {
    return this.#current.setup.config;
  }

  /** A request is answered by the runtime to which it came, whichever is in use when its body has been read. */
  answer(req: IncomingMessage, res: ServerResponse): void {
    this.#current.httpApp(req, res);
  }

  /** Begins to deliver. Bots with a backlog start first. */
  async start(): Promise<void> {
    const { outbox } = this.#shared;
    await closeAttempts(outbox, await this.#orphans());
    await this.#logOrphans();
    // Where lanes are shared, another replica may hold them: they wait until they are woken.
    const look = this.config.storage.engine === "sqlite";
    void this.#worker.run(this.#current.lanes(), { look });
    if (look) {
      const backlog = await outbox.backlog();
      this.#worker.wake(
        backlog.map(({ bot }) => bot),
        "here",
      );
    }
    this.#stopListening = outbox.onWork((bots, origin) => this.#worker.wake(bots, origin));
  }

  /** Cannot fail: everything that can was done by the caller, who loaded the setup. */
  replace(setup: ServiceSetup): void {
    const previous = this.#current;
    this.#current = this.#make(this.#keepingStorage(setup));
    const retiring = this.#worker.run(this.#current.lanes(), { look: true }).then(() => previous.close());
    this.#retiring.set(previous, retiring);
    void retiring.finally(() => this.#retiring.delete(previous));
    this.#shared.metrics.forgetBots([...previous.setup.config.bots.keys()].filter((bot) => !this.config.bots.has(bot)));
    const gone = [...previous.setup.config.datasources.keys()].filter((name) => !this.config.datasources.has(name));
    this.#shared.metrics.datasources.forget(gone);
    this.#showConfig();
    void this.#logOrphans();
    // A key or an address may be right now. While the outbox is away, the next try comes by itself.
    void this.tryNow("all").catch(() => {});
  }

  readonly tryNow: LiveService["tryNow"] = async (bots) => {
    const wanted = bots === "all" ? [...this.config.bots.keys()] : bots;
    const found = wanted.flatMap((name) => this.config.bots.get(name) ?? []);
    if (found.length < wanted.length) return null;
    return this.#shared.outbox.tryNow(found.map(({ name, keys }) => ({ bot: name, keyIds: keys.map(({ id }) => id) })));
  };

  followUpSilences(stopping: AbortSignal): Promise<void> {
    return this.#current.followUpSilences(stopping);
  }

  /** Finishes and records the requests in flight. What is not rendered yet is abandoned: it is delivered after the next start. */
  async stop(): Promise<void> {
    this.#stopListening();
    const stopped = this.#worker.stop();
    await Promise.all([...this.#retiring.keys(), this.#current].map((runtime) => runtime.abandonRendering()));
    await stopped;
    await Promise.all([...this.#retiring.values(), this.#current.close()]);
  }

  #make(setup: ServiceSetup): Runtime {
    return new Runtime(setup, this.#shared, this);
  }

  /** The outbox stays open where it was opened at the start. */
  #keepingStorage(setup: ServiceSetup): ServiceSetup {
    const { storage } = this.config;
    if (!isDeepStrictEqual(setup.config.storage, storage)) {
      this.#shared.log.warn({ setting: "storage" }, "setting changed, but needs a restart; the old value stays in use");
    }
    return { ...setup, config: { ...setup.config, storage } };
  }

  #showConfig(): void {
    const { metrics, clock, outbox } = this.#shared;
    const { config, configHash } = this.#current.setup;
    metrics.addBots([...config.bots.keys()]);
    metrics.outboxLimit.set({}, config.outbox.maxNotifications);
    metrics.configLoaded({ atMs: clock.wall(), hash: configHash });
    outbox.shareConfig(configHash);
  }

  async #orphans(): Promise<readonly LaneBacklog[]> {
    const backlog = await this.#shared.outbox.backlog();
    return backlog.filter(({ bot }) => !this.config.bots.has(bot));
  }

  async #logOrphans(): Promise<void> {
    const { log } = this.#shared;
    const orphans = await this.#orphans().catch((err: unknown) => {
      log.error({ err }, "failed to look for alerts of bots that are not configured");
      return [];
    });
    for (const { bot, notifications } of orphans) {
      log.warn(
        { bot, notifications },
        "alerts are queued for a bot that is not configured; they are sent when a bot with that name is configured again",
      );
    }
  }

  /** Of the runtime in use, whichever is asked. */
  readonly status = async (): Promise<ServiceStatus> => {
    const { version, demo, refusedIssues, outbox, health, clock, readiness } = this.#shared;
    const { setup, loadedAt } = this.#current;
    const { language, timezone, storage, bots, rotations } = setup.config;
    const keyIds = [...bots.values()].flatMap(({ keys }) => keys.map(({ id }) => id));
    const facts = [outbox.countDead(), outbox.keyStates(keyIds), outbox.replicas()] as const;
    const read = Promise.all([this.#shared.backlog(), ...facts]);
    const [backlog, dead, keys, replicas] = (await read.catch(() => null)) ?? [null, null, [], []];
    const now = clock.now();
    const status = {
      version,
      demo,
      ready: readiness().ready,
      uptimeMs: now - this.#startedAt,
      storage: { engine: storage.engine, answers: backlog !== null, failures: storageFailures(health, now) },
      config: { hash: setup.configHash, loadedMsAgo: now - loadedAt, refusedIssues: refusedIssues().length, replicas },
      onCall: onCallStatuses(rotations, clock.wall()),
      bots: botStatuses(this.#worker.status(keys), backlog && { backlog, dead }, outbox.now()),
    };
    return { overview: overviewOf(status, { language, timezone, wallAt: clock.wall() }), ...status };
  };
}
