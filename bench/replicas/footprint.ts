// The cost of idle bots: memory, start-up time and size of the metrics of one process, and the time to route an alert.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "../../src/config/load.ts";
import { createIntake } from "../../src/intake.ts";
import { freePort, startChild } from "../child.ts";
import { quantile, webhook } from "../load.ts";
import { idleMs, residentMegabytesOf } from "./cost.ts";
import { robotsOf } from "./robot-names.ts";
import { ownMain } from "./setups.ts";

export interface Footprint {
  readonly bots: number;
  /** From the start of the process until it is ready. */
  readonly startMs: number;
  readonly residentMegabytes: number;
  readonly metricsBytes: number;
  /** Median time for a webhook of one alert that matches the last route. */
  readonly intakeMs: number;
}

export async function footprint(folder: string, bots: number): Promise<Footprint> {
  const configFile = join(folder, "footprint.yaml");
  const file = join(folder, "footprint.db");
  writeFileSync(configFile, configOf(file, bots));
  const port = await freePort();
  const address = `--web.listen-address=127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = await startChild([ownMain, "serve", `--config.file=${configFile}`, address, "--log.level=error"], {
    port,
    readyPath: "/-/ready",
  });
  const startMs = performance.now() - startedAt;
  await delay(idleMs);
  const residentMegabytes = residentMegabytesOf(child.process.pid ?? 0);
  const metrics = await (await fetch(`${child.origin}/metrics`)).text();
  await child.stop();
  rmSync(file, { force: true });
  return { bots, startMs, residentMegabytes, metricsBytes: metrics.length, intakeMs: intakeMs(configFile) };
}

/** Each bot has its route. */
function configOf(file: string, bots: number): string {
  const names = robotsOf(bots);
  const keys = names.map(({ name, key }) => `  ${name}: { key: ${key} }`);
  const routes = names.map(({ name }) => `    - { matchers: [pod="${name}"], bot: ${name} }`);
  const text = [`storage: sqlite:${file}`, "bots:", ...keys, "route:", "  bot: bot0", "  routes:", ...routes];
  return text.join("\n");
}

const samples = 21;

function intakeMs(configFile: string): number {
  const loaded = loadConfig(configFile, {});
  if (loaded.kind === "invalid") throw new Error(loaded.issues.map(({ message }) => message).join("; "));
  const { config } = loaded;
  const intake = createIntake(config);
  const last = [...config.bots.keys()].at(-1) ?? "";
  const times = Array.from({ length: samples }, () => {
    const bytes = Buffer.from(webhook().replaceAll(/api-\d+/gu, last));
    const startedAt = performance.now();
    const read = intake({ bytes, charset: null }, { kind: "route" }, Date.now());
    const took = performance.now() - startedAt;
    if (read.kind !== "notifications" || read.notifications[0]?.routed.destination.bot !== last)
      throw new Error("lost");
    return took;
  });
  return quantile(times, 0.5);
}
