// The configuration that runs: its HTTP face, its lanes and its way to WeCom, replaced as a whole by a reload. What was answered
// or begun with an earlier one ends with it.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config/config.ts";
import { type ServiceStatus, statusOf } from "./console/status.ts";
import type { LaneOptions } from "./deliver/lane-options.ts";
import { findOrphans } from "./deliver/orphans.ts";
import { RenderThread } from "./deliver/render-thread.ts";
import { createRenderer } from "./deliver/renderer.ts";
import { createKeyTurns } from "./deliver/send.ts";
import type { Worker } from "./deliver/worker.ts";
import { createHttpApp, type HttpAppOptions } from "./http-app.ts";
import { lanesOf } from "./lanes.ts";
import { reportDelivery } from "./observe/delivery-report.ts";
import type { LaneBacklog } from "./outbox/store.ts";
import { baseSettingsOf } from "./render/settings.ts";
import type { TemplateSet } from "./render/template-set.ts";
import { createRobotClient, type RobotClient } from "./wecom/client.ts";
import { createPictureClient, type PictureClient } from "./wecom/picture.ts";

/** One configuration with all that was read for it. */
export interface ServiceSetup {
  readonly config: Config;
  readonly templates: TemplateSet;
  /** The clip of `voice_file`; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
  /** PEM certificates trusted besides Node's own; null for none. */
  readonly ca: string | null;
  readonly configHash: string;
}

/** What outlives every configuration. */
export interface Shells extends Omit<HttpAppOptions, "config" | "templates" | "overview"> {
  readonly worker: Worker;
  readonly random: () => number;
  readonly owner: string;
  readonly leaseMs: number;
  readonly version: string;
  readonly demo: boolean;
  /** By the clock, as every instant here. */
  readonly startedAt: number;
  /** Of the last reload. */
  readonly refusedIssues: () => number;
}

interface Current {
  readonly setup: ServiceSetup;
  readonly loadedAt: number;
  readonly face: RequestListener;
  readonly client: RobotClient;
  readonly pictures: PictureClient;
  readonly delivery: RenderThread;
}

export class Running {
  readonly #shells: Shells;
  readonly #takeTurn = createKeyTurns();
  /** Configurations replaced by others, each until nothing works with it any more. */
  readonly #retiring = new Map<Current, Promise<void>>();
  #current: Current;

  constructor(shells: Shells, setup: ServiceSetup) {
    this.#shells = shells;
    this.#current = this.#make(setup);
    this.#show();
  }

  get config(): Config {
    return this.#current.setup.config;
  }

  /** A request is answered by the face it came to, whatever runs by the time it is read. */
  answer(req: IncomingMessage, res: ServerResponse): void {
    this.#current.face(req, res);
  }

  /** Begins to deliver; of the lanes that look for work, those that have any come first. */
  async deliver({ look }: { readonly look: boolean }): Promise<void> {
    const { worker, outbox } = this.#shells;
    void worker.run(this.#lanes(), { look });
    if (!look) return;
    const backlog = await outbox.backlog();
    worker.wake(
      backlog.map(({ bot }) => bot),
      "here",
    );
  }

  /** One assignment; everything that can fail was done before, by who loaded the setup. */
  replace(setup: ServiceSetup): void {
    const { metrics, worker } = this.#shells;
    const previous = this.#current;
    this.#current = this.#make(this.#keepingStorage(setup));
    const retiring = worker.run(this.#lanes(), { look: true }).then(() => closed(previous));
    this.#retiring.set(previous, retiring);
    void retiring.finally(() => this.#retiring.delete(previous));
    metrics.forgetBots([...previous.setup.config.bots.keys()].filter((bot) => !this.config.bots.has(bot)));
    this.#show();
    void this.sayOrphans();
  }

  /** Bots that something waits for and that the config does not name. */
  orphans(): Promise<readonly LaneBacklog[]> {
    return findOrphans(this.#shells.outbox, (bot) => this.config.bots.has(bot));
  }

  async sayOrphans(): Promise<void> {
    const { log } = this.#shells;
    const waiting = await this.orphans().catch((err: unknown) => {
      log.error({ err }, "could not look for alerts of bots that the config does not name");
      return [];
    });
    for (const { bot, notifications } of waiting) {
      log.warn(
        { bot, notifications },
        "alerts wait for a bot that the config does not name; they stay in the outbox and are told when a bot of that name is back",
      );
    }
  }

  /** What is not in words yet is told after the next start; stopping does not wait for it. */
  async abandonRendering(): Promise<void> {
    const all = [...this.#retiring.keys(), this.#current];
    await Promise.all(all.map(({ delivery }) => delivery.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#retiring.values(), closed(this.#current)]);
  }

  #make(setup: ServiceSetup): Current {
    const { config, templates, voiceClip, ca } = setup;
    return {
      setup,
      loadedAt: this.#shells.clock.now(),
      client: createRobotClient({ ...config.wecom, ca }),
      pictures: createPictureClient(config.pictures),
      delivery: new RenderThread(
        { sources: templates.sources, settings: baseSettingsOf({ ...config, voiceClip }) },
        { heapMegabytes: this.#shells.memory.threadHeapMegabytes },
      ),
      face: createHttpApp({ ...this.#shells, config, templates, overview: () => this.#overview() }),
    };
  }

  /** For the status page: of the running configuration, whichever face was asked. */
  async #overview(): Promise<ServiceStatus> {
    const { outbox, worker, clock, version, demo, startedAt, refusedIssues, status } = this.#shells;
    const { setup, loadedAt } = this.#current;
    const backlog = await outbox.backlog().catch(() => null);
    return statusOf({
      version,
      demo,
      ready: status().ready,
      uptimeMs: clock.now() - startedAt,
      engine: setup.config.storage.engine,
      config: { hash: setup.configHash, loadedMsAgo: clock.now() - loadedAt, refusedIssues: refusedIssues() },
      lanes: worker.status(),
      backlog,
      now: outbox.now(),
    });
  }

  #lanes(): readonly LaneOptions[] {
    const { outbox, clock, random, owner, leaseMs, memory, log, metrics } = this.#shells;
    const { setup, client, pictures, delivery: thread } = this.#current;
    const { templates, voiceClip } = setup;
    return lanesOf({
      config: setup.config,
      pictures,
      render: createRenderer({ templates, settings: baseSettingsOf({ ...setup.config, voiceClip }), thread }),
      process: {
        outbox,
        // The outbox's time: replicas have one window, and so one clock.
        clock: { now: () => outbox.now(), wall: () => clock.wall(), sleep: (ms, signal) => clock.sleep(ms, signal) },
        random,
        owner,
        leaseMs,
        deliveryMaxBytes: memory.deliveryMaxBytes,
        report: reportDelivery(log, metrics),
      },
      robot: {
        send: (key, body, mayLeave) => this.#takeTurn(key.id, () => client.send(key, body, mayLeave)),
        upload: (key, file, mayLeave) => this.#takeTurn(key.id, () => client.upload(key, file, mayLeave)),
      },
    });
  }

  #show(): void {
    const { metrics, clock } = this.#shells;
    const { config, configHash } = this.#current.setup;
    metrics.addBots([...config.bots.keys()]);
    metrics.outboxLimit(config.outbox.maxNotifications);
    metrics.configLoaded({ atMs: clock.wall(), hash: configHash });
  }

  /** The outbox is open at the place it was started with. */
  #keepingStorage(setup: ServiceSetup): ServiceSetup {
    const { storage } = this.config;
    if (!isDeepStrictEqual(setup.config.storage, storage)) {
      this.#shells.log.warn({ setting: "storage" }, "a change of this setting needs a restart; the old value stays");
    }
    return { ...setup, config: { ...setup.config, storage } };
  }
}

async function closed({ client, pictures, delivery }: Current): Promise<void> {
  await Promise.all([client.close(), pictures.close(), delivery.close()]);
}
