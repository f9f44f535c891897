// The whole service and the simulator in this process, on one clock, with real HTTP, a real outbox file and real requests.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startService } from "../../src/app.ts";
import { checkConfig } from "../../src/config/check.ts";
import type { Loading } from "../../src/config/reload.ts";
import { plainWeb, type WebConfig } from "../../src/config/web-config.ts";
import { type Clock, systemClock } from "../../src/observe/clock.ts";
import { createLog } from "../../src/observe/log.ts";
import { loadTemplates } from "../../src/render/load-templates.ts";
import type { ServiceSetup } from "../../src/service-parts.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";

export interface StackOptions {
  /** YAML of routes, settings and so on; `bots`, `storage` and `wecom` are added. */
  readonly config?: string;
  readonly bots?: readonly string[];
  readonly clock?: Clock;
  /** Keep the outbox of an earlier stack. */
  readonly folder?: string;
  /** Use the simulator of an earlier stack; it is not closed with this one. */
  readonly simulator?: Simulator;
  /** Starts the service as a demo. */
  readonly demo?: boolean;
  /** What the service may use. */
  readonly memoryBytes?: number;
  /** How many connections and files the service may have open. */
  readonly descriptors?: number;
  /** How long a robot may take, in real ms. */
  readonly timeoutMs?: number;
  /** Plain HTTP without users when absent. */
  readonly web?: WebConfig;
  /** Listen on every address of the machine; on 127.0.0.1 only when absent. */
  readonly everywhere?: boolean;
  /** Globs of own templates. */
  readonly templates?: readonly string[];
}

export interface Stack {
  readonly origin: string;
  readonly simulator: Simulator;
  readonly folder: string;
  /** Robot keys by bot: to look for them where they must not be. */
  readonly keys: ReadonlyMap<string, string>;
  /** Every line logged so far. */
  readonly log: readonly string[];
  post(
    body: unknown,
    path?: string,
  ): Promise<{ readonly status: number; readonly answer: Readonly<Record<string, unknown>> }>;
  metrics(): Promise<string>;
  /** The value of one series, written as Prometheus prints it; 0 when it is not there. */
  metric(series: string): Promise<number>;
  /** Reloads with this config, as on SIGHUP; bots stay unless given. Returns the number of issues. */
  reload(changed: Pick<StackOptions, "config" | "bots">): Promise<number>;
  /**
   * Stops the service; the simulator too unless it was given. The folder stays when `keepFolder`. Fails when an answer, the
   * metrics, the page, the log or a file of the outbox contains a key of this stack: every test that uses a stack asserts it.
   */
  stop(options?: { readonly keepFolder?: boolean }): Promise<void>;
}

/** The same key for the same bot in every stack of a test process, and no two runs alike. */
const runId = Math.random().toString(16).slice(2, 14).padEnd(12, "0");

export function keyOf(bot: string): string {
  const hex = Buffer.from(bot).toString("hex").slice(0, 8).padEnd(8, "0");
  return `${hex}-5ec2-4e77-9999-${runId}`;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const bots = options.bots ?? ["ops"];
  const clock = options.clock ?? systemClock();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "alertmanager-wecom-"));
  const robots = bots.map((name) => ({ name, key: keyOf(name) }));
  const simulator = options.simulator ?? (await startSimulator({ robots, now: () => clock.now() }));
  const log: string[] = [];
  let written: ConfigParts = { ...options, bots, folder, origin: simulator.origin };
  const loaded = setupOf(written);
  if (loaded.kind === "invalid") throw new Error(loaded.issues.join("; "));
  const service = await startService({
    setup: loaded.setup,
    load: () => setupOf(written),
    watched: null,
    version: "test",
    demo: options.demo ?? false,
    memoryBytes: options.memoryBytes ?? 4 * 2 ** 30,
    descriptors: options.descriptors ?? 1_024,
    listen: { host: options.everywhere ? "" : "127.0.0.1", port: 0 },
    web: options.web ?? plainWeb,
    readTls: null,
    clock,
    random: () => 0.5,
    owner: "test",
    log: createLog({ level: "debug", format: "logfmt", write: (line) => log.push(line) }),
  });
  const origin = `http://127.0.0.1:${service.port}`;
  const answers: string[] = [];
  const metrics = async () => (await fetch(`${origin}/metrics`)).text();

  return {
    origin,
    simulator,
    folder,
    keys: new Map(robots.map(({ name, key }) => [name, key])),
    log,
    async post(body, path = "/webhook") {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const answer = await fetch(`${origin}${path}`, { method: "POST", body: text });
      const answered = await answer.text();
      answers.push(answered);
      return { status: answer.status, answer: JSON.parse(answered) as Record<string, unknown> };
    },
    metrics,
    async metric(series) {
      const line = (await metrics()).split("\n").find((row) => row.startsWith(`alertmanager_wecom_${series} `));
      return Number(line?.split(" ").at(-1) ?? 0);
    },
    async reload(changed) {
      written = { ...written, ...changed };
      return service.reload("signal").issues;
    },
    async stop({ keepFolder = false } = {}) {
      const pages = [simulator.pageUrl, `${origin}/`, `${origin}/api/v1/status`, `${origin}/metrics`];
      const read = pages.map(async (page) => (await fetch(page)).text());
      const shown = [...answers, ...(await Promise.all(read))];
      await service.stop({ drainMs: 0 });
      assertNoKey(robots, [...shown, ...log, ...filesOf(folder)]);
      if (options.simulator === undefined) await simulator.close();
      if (!keepFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function assertNoKey(robots: readonly { readonly key: string }[], texts: readonly string[]): void {
  for (const { key } of robots) {
    const leak = texts.find((text) => text.includes(key));
    assert.equal(leak?.slice(0, 500), undefined, "a key was printed");
  }
}

/** Each byte as one character, so that a key in a database page is found. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(folder, entry.name), "latin1"));
}

interface ConfigParts extends StackOptions {
  readonly bots: readonly string[];
  readonly folder: string;
  readonly origin: string;
}

function setupOf(parts: ConfigParts): Loading<ServiceSetup> {
  const watched = { files: [], globs: [] };
  const text = configOf(parts);
  const checked = checkConfig(text, { env: () => undefined, file: () => ({ kind: "unreadable", message: "none" }) });
  if (checked.kind === "invalid")
    return { kind: "invalid", issues: checked.issues.map(({ message }) => message), watched };
  const { config } = checked;
  const templates = loadTemplates({
    globs: parts.templates ?? [],
    baseDir: parts.folder,
    rotations: config.rotations,
  });
  if (templates.kind === "invalid") throw new Error(JSON.stringify(templates.issues));
  const configHash = createHash("sha256").update(text).digest("hex");
  return { kind: "setup", setup: { config, templates: templates.set, voiceClip: null, ca: null, configHash }, watched };
}

function configOf({ config, bots, folder, origin, timeoutMs = 2_000 }: ConfigParts): string {
  return [
    config ?? `route: { bot: ${bots[0]} }`,
    `storage: sqlite:${join(folder, "outbox.db")}`,
    `wecom: { base_url: "${origin}", timeout: ${timeoutMs}ms }`,
    `bots: { ${bots.map((name) => `${name}: { key: ${keyOf(name)} }`).join(", ")} }`,
  ].join("\n");
}

/** Repeats until `holds`, on the real clock, for what crosses a socket; fails after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(5);
  }
}
