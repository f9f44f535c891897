// npm run bench:accept: on what the main thread spends its time while webhooks are accepted at concurrency 50, for the service, bundled
// as in the image, and for Express that only parses and group-commits the raw body. Each is sampled by V8's profiler. The time of a
// commit includes the wait for fsync, in which nothing else runs. BENCH_SECONDS sets how long each is loaded (default 5).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../src/simulator/server.ts";
import { freePort, startChild } from "./child.ts";
import { load } from "./load.ts";
import { type Frame, profileOf } from "./profile.ts";
import { loadAverage, machine } from "./replicas/cost.ts";
import { ownMain } from "./replicas/setups.ts";

const concurrency = 50;
const forMs = Number(process.env.BENCH_SECONDS ?? 5) * 1_000;

/** A sample counts for the first of these that has one of its functions on the stack. Names are those of the bundle. */
const stages: readonly (readonly [stage: string, frame: RegExp])[] = [
  ["idle", /^\(idle\)$/],
  ["native code outside of functions", /^\(program\)$/],
  ["garbage collection", /^\(garbage collector\)$/],
  ["insert of duplicates' table and notification", /^storeRows$/],
  ["lanes: plan, render, write, send", /^(writeChanges|#step|#decide|renderPlan|loadLane|#request)$/],
  ["answer", /^(sendResponse|json)$/],
  ["commit, with fsync", /^(run|flush)$/],
  ["deflate of the stored body", /^(deflated|syncBufferWrapper)$/],
  ["stored body as JSON", /^(routedGroupText|storedGroupText)$/],
  ["text for searches", /^searchText$/],
  ["hashes: identities, duplicates", /^(identityHash|hashOfText|alertIdentity|identify)$/],
  ["parse: charset, JSON, limits", /^(parseBody|parse)$/],
  ["normalize", /^normalize$/],
  ["route", /^splitGroup$/],
  ["limits of the backlog, group commit", /^(admit|#admit|newRow|#storeAll|#commit|#commitOnce|#run)$/],
  ["accept log, metrics, senders", /^(logAccepted|count|noteSender|acceptedWebhook)$/],
  ["read the body, share of memory", /^(readBody|collect|onData|open|take|parsing|release)$/],
  ["Express: routes; guard", /^(handle|handleRequest|next|head)$/],
  ["Node's HTTP and streams", /^node:(_http|net|internal\/stream|stream|internal\/js_stream)/],
];

const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-accept-"));
const bot = { name: "ops", key: "bench-key-00000000" };
const simulator = await startSimulator({ robots: [bot] });
const config = [
  `storage: sqlite:${join(folder, "outbox.db")}`,
  `wecom: { base_url: "${simulator.origin}" }`,
  `bots: { ${bot.name}: { key: ${bot.key} } }`,
  `route: { bot: ${bot.name} }`,
];
writeFileSync(join(folder, "config.yaml"), config.join("\n"));

console.log(`Node ${process.version}, ${machine()}, load average ${loadAverage()}`);
const serve = ["serve", `--config.file=${join(folder, "config.yaml")}`, "--log.level=error"];
await measure("the service", "/-/ready", (port) => [ownMain, ...serve, `--web.listen-address=127.0.0.1:${port}`]);
const express = join(import.meta.dirname, "servers/express-group-commit.ts");
await measure("Express: parse, commit raw body", "/webhook", (port) => [express, `${port}`, join(folder, "raw.db")]);
await simulator.close();
rmSync(folder, { recursive: true, force: true });

async function measure(name: string, readyPath: string, argsOf: (port: number) => readonly string[]): Promise<void> {
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const child = await startChild([`--inspect=127.0.0.1:${inspectorPort}`, ...argsOf(port)], { port, readyPath });
  // Until V8 has compiled what is used often.
  await load(child.origin, { concurrency, forMs });
  const { result, samples } = await profileOf(inspectorPort, () => load(child.origin, { concurrency, forMs }));
  await child.stop();
  const times = new Map<string, number>();
  for (const { stack, us } of samples) {
    const stage = stages.find(([, frame]) => stack.some((one) => isIn(one, frame)))?.[0] ?? "everything else";
    times.set(stage, (times.get(stage) ?? 0) + us);
  }
  times.delete("idle");
  const all = [...times.values()].reduce((sum, us) => sum + us, 0);
  console.log(
    `\n${name}: ${(all / result.answered).toFixed(0)} µs of its main thread for each of ${result.answered} webhooks`,
  );
  for (const [stage, us] of [...times].sort(([, one], [, other]) => other - one)) {
    const share = ((100 * us) / all).toFixed(1).padStart(6);
    console.log(`${share} %  ${(us / result.answered).toFixed(0).padStart(5)} µs  ${stage}`);
  }
}

function isIn({ name, url }: Frame, frame: RegExp): boolean {
  return frame.test(name) || (url.startsWith("node:") && frame.test(url));
}
