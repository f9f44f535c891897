// What one configuration makes: the HTTP app, the lanes and the clients. A reload replaces it as a whole.

import type { RequestListener } from "node:http";
import { type Alertmanagers, createAlertmanagers } from "./actions/alertmanagers.ts";
import type { Bot, Config } from "./config/config.ts";
import { linkKeys } from "./config/links.ts";
import { PlaygroundThread } from "./console/playground-thread.ts";
import { FilledPartLimit } from "./deliver/filled-part-limit.ts";
import type { FillPart, LaneOptions, LaneProcess, RobotAccess } from "./deliver/lane-options.ts";
import { RenderThread } from "./deliver/render-thread.ts";
import { createRenderer, type RenderPlanned } from "./deliver/renderer.ts";
import { createFill } from "./fill-part.ts";
import { Datasource } from "./graph/datasource/datasource.ts";
import { createDatasourceClient } from "./graph/datasource/datasource-client.ts";
import { Datasources } from "./graph/datasource/datasources.ts";
import { DrawingThread } from "./graph/drawing-thread.ts";
import { createHttpApp } from "./http-app.ts";
import { mediaPlaceholder } from "./render/message-draft.ts";
import { markPossiblyRepeated } from "./render/possibly-repeated.ts";
import { repairMessage } from "./render/repair.ts";
import { type BaseSettings, baseSettingsOf } from "./render/settings.ts";
import { type RouteSettings, routesWithin } from "./route/tree.ts";
import type { LiveService, ServiceSetup, SharedParts } from "./service-parts.ts";
import { followUpSilences } from "./silence-follow-up.ts";
import { createRobotClient, type RobotClient } from "./wecom/client.ts";
import type { WecomMessage } from "./wecom/message.ts";
import { createPictureClient, type PictureClient } from "./wecom/picture.ts";

export class Runtime {
  readonly setup: ServiceSetup;
  /** By the clock. */
  readonly loadedAt: number;
  readonly httpApp: RequestListener;
  readonly #shared: SharedParts;
  readonly #settings: BaseSettings;
  readonly #client: RobotClient;
  readonly #pictures: PictureClient;
  readonly #datasources: Datasources;
  readonly #drawing: DrawingThread;
  readonly #renderThread: RenderThread;
  readonly #render: RenderPlanned;
  readonly #playground: PlaygroundThread;
  readonly #alertmanagers: Alertmanagers;

  constructor(setup: ServiceSetup, shared: SharedParts, live: LiveService) {
    const { config, templates } = setup;
    this.setup = setup;
    this.loadedAt = shared.clock.now();
    this.#shared = shared;
    const [key = null] = config.links === null ? [] : linkKeys(config.links);
    const actionLinks = config.links && { key, validMs: config.links.validMs };
    this.#settings = baseSettingsOf({ ...config, actionLinks, voiceClip: setup.voiceClip });
    this.#client = createRobotClient({ ...config.wecom, ca: setup.ca });
    this.#pictures = createPictureClient(config.pictures);
    this.#datasources = datasourcesOf(config, shared);
    this.#drawing = new DrawingThread(config.graphs.fontFile);
    const threadSetup = { sources: templates.sources, rotations: templates.rotations, settings: this.#settings };
    this.#renderThread = new RenderThread(threadSetup, {
      heapMegabytes: shared.memory.threadHeapMegabytes,
      idleMs: shared.memory.threadIdleMs,
    });
    this.#playground = new PlaygroundThread(threadSetup);
    this.#render = createRenderer({ templates, settings: this.#settings, thread: this.#renderThread });
    this.#alertmanagers = createAlertmanagers(config.alertmanagers);
    this.httpApp = createHttpApp(setup, shared, {
      live,
      render: this.#render,
      playground: this.#playground,
      alertmanagers: this.#alertmanagers,
      datasources: this.#datasources,
    });
  }

  lanes(): readonly LaneOptions[] {
    const { outbox, clock, random, memory, takeTurn, report } = this.#shared;
    const { config } = this.setup;
    const client = this.#client;
    return lanesOf({
      config,
      datasources: this.#datasources,
      render: (request) => {
        // A digest needs the memory more.
        if (request.mostInFull === 0) this.#drawing.endWhenIdle();
        return this.#render(request);
      },
      fill: createFill({ pictures: this.#pictures, datasources: this.#datasources, drawing: this.#drawing }),
      process: {
        outbox,
        // The outbox's time: replicas share one window, so they need one clock.
        clock: { now: () => outbox.now(), wall: () => clock.wall(), sleep: (ms, signal) => clock.sleep(ms, signal) },
        random,
        deliveryMaxBytes: memory.deliveryMaxBytes,
        filledParts: new FilledPartLimit(),
        report,
      },
      robot: {
        send: (key, body, guard) => takeTurn(key.id, () => client.send(key, body, guard)),
        upload: (key, file, guard) => takeTurn(key.id, () => client.upload(key, file, guard)),
      },
    });
  }

  /** Looks at the silences that are due: at no row of the outbox unless there are Alertmanagers to ask. */
  async followUpSilences(stopping: AbortSignal): Promise<void> {
    const { config } = this.setup;
    if (config.alertmanagers.size === 0) return;
    await followUpSilences({ config, alertmanagers: this.#alertmanagers, stopping }, this.#shared);
  }

  abandonRendering(): Promise<void> {
    return this.#renderThread.close();
  }

  /** Waits for the answers in flight. */
  async close(): Promise<void> {
    const asked = [this.#client, this.#pictures, this.#datasources, this.#alertmanagers];
    const parts = [...asked, this.#drawing, this.#renderThread, this.#playground];
    await Promise.all(parts.map((part) => part.close()));
  }
}

function datasourcesOf({ datasources, graphs }: Config, { clock, reportQuery }: SharedParts): Datasources {
  const { timeoutMs } = graphs;
  const made = [...datasources.values()].map((settings) => {
    const client = createDatasourceClient(settings, { timeoutMs, clock });
    return new Datasource({ settings, client, clock, timeoutMs, report: reportQuery });
  });
  return new Datasources(made, clock);
}

/** What the lanes of one configuration share. */
interface LaneSources {
  readonly config: Config;
  readonly process: LaneProcess;
  readonly robot: RobotAccess;
  readonly datasources: Datasources;
  readonly render: RenderPlanned;
  readonly fill: FillPart;
}

export function lanesOf(sources: LaneSources): readonly LaneOptions[] {
  const { bots, route } = sources.config;
  const toBot = new Map<string, RouteSettings[]>([...bots.keys()].map((name) => [name, []]));
  for (const { settings, drop } of routesWithin(route)) {
    if (!drop) for (const name of settings.bots) toBot.get(name)?.push(settings);
  }
  return [...bots.values()].map((bot) => laneOf(sources, bot, toBot.get(bot.name) ?? []));
}

function laneOf(sources: LaneSources, bot: Bot, routes: readonly RouteSettings[]): LaneOptions {
  const { config, process, robot, datasources, render, fill } = sources;
  // A stored body does not say in which language it is.
  const languages = [
    ...new Set((routes.length > 0 ? routes : [config.route.settings]).map(({ language }) => language)),
  ];
  return {
    settings: {
      bot: bot.name,
      keys: bot.keys,
      fallback: bot.fallback,
      reserve: routes.some(({ urgent }) => urgent) ? config.digest.reserve : 0,
      digestMessages: config.digest.maxMessages,
      maxAgeMs: config.deliver.maxAgeMs,
      optionalMaxDelayMs: config.graphs.maxDelayMs,
      hasLinks: config.links !== null && config.externalURL !== null,
    },
    process,
    bodies: {
      render,
      recoveriesOf: config.datasources.size === 0 ? null : (alerts, signal) => datasources.recoveriesOf(alerts, signal),
      fill,
      repair: (body, repair) => {
        const repaired = repairMessage(JSON.parse(body) as WecomMessage, repair);
        return repaired === null ? null : repaired.map((message) => JSON.stringify(message));
      },
      markPossiblyRepeated: (body) => JSON.stringify(markPossiblyRepeated(JSON.parse(body) as WecomMessage, languages)),
      withMediaId: (body, mediaId) => body.replaceAll(mediaPlaceholder, mediaId),
    },
    robot,
  };
}
