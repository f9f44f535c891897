// npm run verify:memory: the service in a memory cgroup of 256 MB, with the image's bundle and settings, while it is attacked
// (scripts/image/attack.mjs). Prints each attack, then whether all that was accepted was delivered by the same process; exits with 1
// if a right webhook was refused or late, or the process ended. Needs Linux and root. --memory=128, --main=FILE compare.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, imageSettings, startChild } from "../bench/child.ts";
import { startSimulator } from "../src/simulator/server.ts";

const root = join(import.meta.dirname, "..");
const { values: flags, positionals } = parseArgs({
  options: {
    memory: { type: "string", default: "256" },
    main: { type: "string", default: join(root, "dist/main.js") },
  },
  allowPositionals: true,
});

const isVersion2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
const cgroup = join("/sys/fs/cgroup", isVersion2 ? "" : "memory", `alertmanager-wecom-${process.pid}`);
mkdirSync(cgroup);
process.once("exit", () => {
  try {
    rmdirSync(cgroup);
  } catch {
    // A service that was killed now leaves it a moment later.
  }
});
writeFileSync(join(cgroup, isVersion2 ? "memory.max" : "memory.limit_in_bytes"), `${flags.memory}M`);
if (isVersion2) writeFileSync(join(cgroup, "memory.swap.max"), "0");

const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-memory-"));
const key = "00000000-0000-4000-8000-00000000c0de";
const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
const port = await freePort();
const config = join(folder, "config.yaml");
writeFileSync(
  config,
  `storage: sqlite:${join(folder, "outbox.db")}\nwecom: { base_url: "${simulator.origin}" }\nbots: { ops: { key: ${key} } }\nroute: { bot: ops }\n`,
);
const serve = [flags.main, "serve", `--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`];
// A child takes its parent's cgroup, so a shell enters it first.
const service = await startChild(["-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', cgroup, process.execPath, ...serve], {
  port,
  readyPath: "/-/ready",
  env: imageSettings(),
  command: "/bin/sh",
});

const attack = spawn(process.execPath, [join(root, "scripts/image/attack.mjs"), service.origin, ...positionals], {
  stdio: "inherit",
});
const [code] = (await once(attack, "exit")) as [number | null];
const delivered = await allDelivered();
const isRunning = service.process.exitCode === null && service.process.signalCode === null;
const peak =
  Number(readFileSync(join(cgroup, isVersion2 ? "memory.peak" : "memory.max_usage_in_bytes"), "utf8")) / 2 ** 20;
console.log(
  isRunning
    ? `${delivered ? "all is delivered" : "not all is delivered after ten minutes"}, by the same process, in ${flags.memory} MB (peak of the cgroup ${peak.toFixed(0)} MB)`
    : `the process ended in ${flags.memory} MB: ${service.process.signalCode ?? service.process.exitCode}`,
);
if (isRunning) await service.stop();
await simulator.close();
rmSync(folder, { recursive: true, force: true });
process.exit(code === 0 && delivered && isRunning ? 0 : 1);

async function allDelivered(): Promise<boolean> {
  for (const until = performance.now() + 600_000; performance.now() < until; await delay(500)) {
    const answer = await fetch(`${service.origin}/metrics`).catch(() => null);
    if (answer === null) return false;
    const rows = (await answer.text()).matchAll(/^alertmanager_wecom_outbox_notifications\{.*\} (\S+)$/gm);
    if ([...rows].every(([, waiting]) => waiting === "0")) return true;
  }
  return false;
}
