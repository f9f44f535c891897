// npm run chaos: sends webhooks for 20 bots to three replicas on one PostgreSQL server for a simulated half hour. Meanwhile replicas
// are killed, paused and stopped, and the server is restarted and disconnected. Prints a table; exits with 1 if a promise is broken
// or was not tested. The clock runs ten times as fast: about four minutes; on a busy machine set CHAOS_FACTOR=4. CHAOS_SEED repeats an
// earlier run; CHAOS_WEBHOOKS (5000) and CHAOS_MINUTES (30) make it shorter; CHAOS_OUT names a folder for the evidence and the logs.

import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startSimulator } from "../src/simulator/server.ts";
import { createRandom } from "../test/fuzz/random.ts";
import { startPostgres } from "../test/support/postgres-server.ts";
import { scaledClock } from "../test/support/scaled-clock.ts";
import { installAudit } from "./chaos/audit.ts";
import { gather, waitingIn } from "./chaos/evidence.ts";
import { Fleet } from "./chaos/fleet.ts";
import { judge } from "./chaos/judge.ts";
import { postAll } from "./chaos/post.ts";
import { printReport } from "./chaos/report.ts";
import { makeTrouble } from "./chaos/trouble.ts";
import { bots, idPattern } from "./chaos/webhooks.ts";

const factor = Number(process.env.CHAOS_FACTOR ?? 10);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const webhooks = Number(process.env.CHAOS_WEBHOOKS ?? 5_000);
const minutes = Number(process.env.CHAOS_MINUTES ?? 30);
const spanMs = minutes * 60_000;
const originAt = Date.now();
const clock = scaledClock(factor, originAt);

/** Each robot answers within a random time below this. */
const latencyMs = 1_000;

/** How long deliveries may take after the last webhook. */
const patienceMs = 1_200_000;

console.log(`chaos: seed ${seed}, ${webhooks} webhooks over ${minutes} simulated minutes, ${factor} times as fast`);
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-chaos-"));
const simulator = await startSimulator({ robots: bots, now: () => clock.now() });
const postgres = await startPostgres();
const place = await postgres.createPlace();
let output = "";
const out = process.env.CHAOS_OUT;
if (out !== undefined) mkdirSync(out, { recursive: true });
const logFile = out === undefined ? null : createWriteStream(join(out, "replicas.log"));
const fleet = await Fleet.start({
  replicas: 3,
  place,
  robot: simulator.origin,
  folder,
  factor,
  originAt,
  log(text) {
    output += text;
    logFile?.write(text);
  },
});
await installAudit(postgres, place.user);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  fleet.close();
  await simulator.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Returns true if every promise was kept. */
async function run(): Promise<boolean> {
  const slow = createRandom(seed);
  const latencies = Array.from({ length: 4 * webhooks }, () => slow.below(latencyMs) / factor);
  simulator.script(
    null,
    latencies.map((ms) => ({ kind: "latency", ms })),
  );
  const posting = postAll({ fleet, webhooks, realMs: spanMs / factor, random: createRandom(seed + 1) });
  const troubles = await makeTrouble({
    fleet,
    postgres,
    spanMs,
    factor,
    random: createRandom(seed + 2),
    now: () => clock.now(),
    until: posting,
  });
  const accepted = await posting;
  const endAt = clock.now() + patienceMs;
  while (clock.now() < endAt && (await waitingIn(postgres, place.user)) > 0) await delay(500);

  const evidence = await gather(simulator, postgres, place.user);
  const given = { ...evidence, accepted, idPattern, troubles: troubles.all };
  if (out !== undefined) writeFileSync(join(out, "evidence.json"), JSON.stringify(given));
  const kept = printReport({
    evidence,
    troubles,
    webhooks,
    judgement: judge(given),
    alerts: accepted.length,
    largestWindow: simulator.largestWindow(),
    violations: simulator.violations().length,
    keysShown: bots.filter(({ key }) => output.includes(key)).length,
  });
  console.log(`load average ${loadavg()[0]?.toFixed(1)} (1 min) ${loadavg()[1]?.toFixed(1)} (5 min)`);
  return kept;
}
