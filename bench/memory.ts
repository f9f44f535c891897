// Memory of the service when idle and after 10,000 alerts, beside an idle Node process.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Child } from "./child.ts";
import { webhook } from "./load.ts";

type Start = (env?: NodeJS.ProcessEnv) => Promise<Child>;

/** Measures with the defaults of Node and with the settings of the image. */
export async function printMemory(start: Start): Promise<void> {
  console.log("memory: resident set (bounded by Node itself and loaded modules; after load by V8's heap policy)");
  const image = Object.fromEntries(
    [
      ...readFileSync(join(import.meta.dirname, "../Dockerfile"), "utf8").matchAll(
        /(NODE_OPTIONS|MALLOC_ARENA_MAX)=(\S+)/gu,
      ),
    ].map(([, name = "", value]) => [name, value]),
  );
  await printWith("plain", () => start());
  await printWith("with the settings of the image", () => start(image));
  console.log(`  an idle Node process ${(await bareRss()).toFixed(0)} MB`);
}

async function printWith(name: string, begin: () => Promise<Child>): Promise<void> {
  const child = await begin();
  await delay(1_000);
  const idle = await rssMegabytes(child);
  for (let i = 0; i < 10_000; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () =>
        (await fetch(`${child.origin}/webhook`, { method: "POST", body: webhook() })).arrayBuffer(),
      ),
    );
  }
  await delay(1_000);
  const loaded = await rssMegabytes(child);
  console.log(`  idle ${idle.toFixed(0)} MB, after 10,000 alerts ${loaded.toFixed(0)} MB  ${name}`);
  await child.stop();
}

async function bareRss(): Promise<number> {
  const script = "setTimeout(() => console.log(process.memoryUsage.rss()), 500)";
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script]);
  return Number(stdout) / 2 ** 20;
}

async function rssMegabytes(child: Child): Promise<number> {
  const text = await (await fetch(`${child.origin}/metrics`)).text();
  const line = text.split("\n").find((row) => row.startsWith("process_resident_memory_bytes "));
  return Number(line?.split(" ")[1]) / 2 ** 20;
}
