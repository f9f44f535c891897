// The senders of the bench: this service, without and with a datasource, and two adapters behind Alertmanager.

import { startService } from "../../src/app.ts";
import { checkConfig } from "../../src/config/check.ts";
import type { Config } from "../../src/config/config.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import { createLog } from "../../src/observe/log.ts";
import { loadTemplates } from "../../src/render/load-templates.ts";
import { createRandom } from "../../test/fuzz/random.ts";
import { FakePrometheus } from "../../test/support/fake-prometheus.ts";
import type { ManualClock } from "../../test/support/manual-clock.ts";
import { type Adapter, adapters } from "./adapters.ts";
import { postUntilTaken } from "./alertmanager.ts";

export interface Sender {
  /** Posts one webhook; resolves when the sender has answered it. */
  post(body: string): Promise<void>;
  /** How many sleeps on the clock there are when the sender only waits. */
  idleSleeps(): number;
  /** Queries to its datasource so far. */
  asked(): number;
  /** True when nothing accepted is still queued. */
  done(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SenderOptions {
  /** Address of the robot. */
  readonly origin: string;
  readonly key: string;
  readonly clock: ManualClock;
  readonly folder: string;
}

interface BenchConfigOptions {
  readonly origin: string;
  readonly key: string;
  readonly folder: string;
  readonly route?: string;
  /** More sections as YAML. */
  readonly more?: string;
}

export const senders: readonly (readonly [string, (options: SenderOptions) => Promise<Sender>])[] = [
  ["this service", (options) => startOurs(options)],
  ...Object.entries(adapters).map(
    ([name, adapter]) =>
      [name, async (options: SenderOptions) => behindAlertmanager(adapter(options), options.clock)] as const,
  ),
];

/** `route`: more settings of the root route as YAML. */
export function configText({ origin, key, folder, route = "", more = "" }: BenchConfigOptions): string {
  return `
${more}
storage: sqlite:${folder}/outbox.db
wecom: { base_url: "${origin}", timeout: 60s }
webhook: { max_body_size: 64MB }
bots: { ops: { key: ${key} } }
route: { bot: ops, ${route === "" ? "" : `${route}, `}routes: [ { matchers: [severity="critical"], urgent: true } ] }`;
}

export function configOf(options: BenchConfigOptions): Config {
  const checked = checkConfig(configText(options), {
    env: () => undefined,
    file: () => ({ kind: "unreadable", message: "none" }),
  });
  if (checked.kind === "invalid") throw new Error(checked.issues.map(({ message }) => message).join("; "));
  return checked.config;
}

export function builtInTemplates() {
  const loaded = loadTemplates({ globs: [], baseDir: ".", rotations: new Map() });
  if (loaded.kind === "invalid") throw new Error(JSON.stringify(loaded.issues));
  return loaded.set;
}

/** With a datasource that has a series of each alert. */
export async function startWithGraphs(options: SenderOptions): Promise<Sender> {
  const prometheus = await FakePrometheus.start(() => options.clock.now());
  const named = (role: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${role}-${String(n).padStart(5, "0")}.example`);
  const series = [...named("node", 10_000), ...named("core", 3)];
  prometheus.series.set(
    "up",
    series.map((instance) => ({ labels: { instance }, valueAt: () => 0 })),
  );
  const datasource = `{ generator_urls: ["http://prometheus.example:9090"], url: "${prometheus.url}", expressions: any }`;
  const sender = await startOurs(options, `datasources: { prod: ${datasource} }`);
  return {
    ...sender,
    asked: () => prometheus.requests.length,
    async stop() {
      await sender.stop();
      await prometheus[Symbol.asyncDispose]();
    },
  };
}

export async function startOurs(options: SenderOptions, more = ""): Promise<Sender> {
  const service = await startService({
    setup: {
      config: configOf({ ...options, more }),
      templates: builtInTemplates(),
      voiceClip: null,
      ca: null,
      configHash: "0".repeat(64),
    },
    web: plainWeb,
    readTls: null,
    load: () => ({ kind: "invalid", issues: ["the bench does not reload"], watched: { files: [], globs: [] } }),
    watched: null,
    version: "bench",
    demo: false,
    listen: { host: "127.0.0.1", port: 0 },
    clock: options.clock,
    random: () => 0.5,
    owner: "bench",
    memoryBytes: 4 * 2 ** 30,
    descriptors: 1_024,
    log: createLog({ level: "error", format: "logfmt" }),
  });
  const origin = `http://127.0.0.1:${service.port}`;
  // Behind the hundredth webhook of ten seconds, their log is a sum that waits for the end of these (receive/accept-log.ts).
  let span = { startedAt: Number.NEGATIVE_INFINITY, webhooks: 0 };
  const inSpan = () => options.clock.now() < span.startedAt + 10_000;
  return {
    async post(body) {
      if (!inSpan()) span = { startedAt: options.clock.now(), webhooks: 0 };
      span.webhooks += 1;
      const answer = await fetch(`${origin}/webhook`, { method: "POST", body });
      if (!answer.ok) throw new Error(`the service answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
    // The bot's lane or its request, the pruning of the outbox, the index of the history, and what follows silences up.
    idleSleeps: () => 4 + (inSpan() && span.webhooks > 100 ? 1 : 0),
    asked: () => 0,
    async done() {
      const text = await (await fetch(`${origin}/metrics`)).text();
      return /^alertmanager_wecom_outbox_notifications\{bot="ops"\} 0$/mu.test(text);
    },
    stop: () => service.stop({ drainMs: 0 }),
  };
}

/** Repeats a webhook as Alertmanager does. */
function behindAlertmanager(adapter: Adapter, clock: ManualClock): Sender {
  const random = createRandom(1);
  let open = 0;
  const deliver = async (body: string) => {
    open += 1;
    await postUntilTaken(
      () => adapter(body),
      clock,
      () => random.below(1_000) / 1_000,
    );
    open -= 1;
  };
  return {
    async post(body) {
      void deliver(body);
    },
    // Each webhook waits for its next try or for the robot.
    idleSleeps: () => open,
    asked: () => 0,
    done: async () => open === 0,
    stop: async () => undefined,
  };
}
