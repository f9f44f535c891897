// Kills a sender with SIGKILL while it delivers webhooks of Alertmanager, starts it again, and reads from the robot what
// was lost and what was sent twice. Real processes, real time.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/observe/clock.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { repeatMark } from "../../test/support/delivered.ts";
import { type Child, freePort, startChild } from "../child.ts";
import { adapters } from "./adapters.ts";
import { postUntilTaken } from "./alertmanager.ts";
import { configText } from "./senders.ts";
import { arrivalsOf, instancePattern } from "./storms.ts";

export interface Killed {
  readonly sender: string;
  readonly lost: number;
  /** Alerts that the group got more than once. */
  readonly repeated: number;
  /** Of these, with the mark of a possible repeat. */
  readonly marked: number;
}

/** Below half the robot's window, so that an adapter may send all of them twice. */
export const killedWebhooks = 8;

/** The robot has answered nothing when the sender is killed. */
const latencyMs = 1_000;
const killAfterMs = 300;

/** Longer than any pause between two messages. */
const settledMs = 5_000;

const key = "bench000-5ec2-4e77-9999-000000000000";

export async function killAll(): Promise<readonly Killed[]> {
  const outcomes: Killed[] = [];
  for (const sender of ["this service", ...Object.keys(adapters)]) outcomes.push(await killOne(sender));
  return outcomes;
}

async function killOne(sender: string): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-kill-"));
  const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
  const port = await freePort();
  const start = () => startSender(sender, { origin: simulator.origin, folder, port });
  let child = await start();
  simulator.script("ops", [{ kind: "latency", ms: latencyMs, times: killedWebhooks }]);
  const arrivals = arrivalsOf({ alerts: killedWebhooks, webhooks: killedWebhooks }, Date.now());
  const bodies = arrivals.filter(({ urgent }) => !urgent).map(({ body }) => body);

  const posting = Promise.all(bodies.map((body) => postTo(port, body)));
  while (simulator.accepted().length === 0) await delay(10);
  await delay(killAfterMs);
  child.process.kill("SIGKILL");
  child = await start();
  await posting;
  await settled(simulator);

  const outcome = read(simulator);
  await child.stop();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
  return { sender, ...outcome };
}

interface SenderPlace {
  readonly origin: string;
  readonly folder: string;
  readonly port: number;
}

function startSender(sender: string, { origin, folder, port }: SenderPlace): Promise<Child> {
  if (sender in adapters) {
    const script = join(import.meta.dirname, "../servers/adapter.ts");
    return startChild([script, String(port), sender, origin, key], { port, readyPath: "/" });
  }
  const configFile = join(folder, "config.yaml");
  writeFileSync(configFile, configText({ origin, key, folder }));
  const main = join(import.meta.dirname, "../../src/main.ts");
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  return startChild([main, "serve", `--config.file=${configFile}`, listen, "--log.level=error"], {
    port,
    readyPath: "/-/ready",
  });
}

function postTo(port: number, body: string): Promise<void> {
  const post = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/webhook`, { method: "POST", body });
    await answer.arrayBuffer();
    return answer.status;
  };
  return postUntilTaken(post, systemClock(), Math.random);
}

async function settled(simulator: Simulator): Promise<void> {
  for (let before = -1; before !== simulator.accepted().length; ) {
    before = simulator.accepted().length;
    await delay(settledMs);
  }
}

function read(simulator: Simulator): Omit<Killed, "sender"> {
  const texts = simulator.accepted().map(({ body }) => JSON.stringify(body));
  const shown = texts.flatMap((text) =>
    [...new Set(text.match(instancePattern))].map((instance) => ({ instance, text })),
  );
  const timesShown = [...Map.groupBy(shown, ({ instance }) => instance).values()];
  const repeats = timesShown.filter((times) => times.length > 1);
  const marked = repeats.filter((times) => times.slice(1).every(({ text }) => repeatMark.test(text)));
  return { lost: killedWebhooks - timesShown.length, repeated: repeats.length, marked: marked.length };
}
