// Runs inside the cluster: posts webhooks at an even pace, every second one over a connection of its own and the others over kept
// ones, until --count are sent or stdin ends. Then prints what became of them, as JSON. With --retry it comes again as Alertmanager
// does; without, an answer other than 200 at the first try is a refusal.

import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { alertId } from "./alert-id.ts";

const { values } = parseArgs({
  options: {
    service: { type: "string", default: "" },
    prefix: { type: "string", default: "" },
    rate: { type: "string", default: "50" },
    count: { type: "string", default: "1000000" },
    label: { type: "string", default: "severity=warning" },
    retry: { type: "boolean", default: false },
  },
});
const rate = Number(values.rate);
const count = Number(values.count);
const kept = new Agent({ keepAlive: true });
const firedAt = new Date().toISOString();

/** Alertmanager's notifiers wait so long before the first retry, and half as long again before each further one, give or take a half. */
const retryMs = 500;
const tryTimeoutMs = 10_000;

/** Characters: enough to tell whose answer it is. */
const answerShown = 60;

const refusals: Record<string, number> = {};
let accepted = 0;
let slowestMs = 0;
let stopped = false;

// Only a run without a count waits for stdin: an open one would keep the program alive.
if (values.count === "1000000") process.stdin.on("end", () => (stopped = true)).resume();

const startedAt = performance.now();
const posts: Promise<void>[] = [];
while (!stopped && posts.length < count) {
  await delay(Math.max(0, startedAt + (posts.length * 1_000) / rate - performance.now()));
  posts.push(deliver(posts.length));
}
const seconds = (performance.now() - startedAt) / 1_000;
await Promise.all(posts);
kept.destroy();
const perSecond = Math.round(posts.length / seconds);
console.log(
  JSON.stringify({ sent: posts.length, accepted, perSecond, seconds: Math.round(seconds), slowestMs, refusals }),
);

async function deliver(number: number): Promise<void> {
  const sentAt = performance.now();
  for (let waitMs = retryMs; ; waitMs *= 1.5) {
    const outcome = await post(number);
    if (outcome === "200") {
      accepted += 1;
      break;
    }
    refusals[outcome] = (refusals[outcome] ?? 0) + 1;
    // What is answered with 4xx is never sent again by Alertmanager: it is lost.
    if (!values.retry || outcome.startsWith("4")) break;
    await delay(waitMs * (0.5 + Math.random()));
  }
  slowestMs = Math.max(slowestMs, Math.round(performance.now() - sentAt));
}

/** "200", another status and the beginning of what was answered, or what went wrong in place of an answer. */
function post(number: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const agent = number % 2 === 0 ? kept : false;
  const signal = AbortSignal.timeout(tryTimeoutMs);
  const sending = request(`${values.service}/webhook`, { method: "POST", agent, signal }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("error", () => resolve("cut off"));
    answer.on("end", () => {
      const text = Buffer.concat(chunks).toString().slice(0, answerShown).trim();
      resolve(answer.statusCode === 200 ? "200" : `${answer.statusCode} ${text}`.trim());
    });
  });
  sending.on("error", (error: NodeJS.ErrnoException) =>
    resolve(signal.aborted ? "timeout" : (error.code ?? error.name)),
  );
  sending.end(webhook(number));
  return promise;
}

/** Every alert is a group of its own. */
function webhook(number: number): string {
  const [name = "", value = ""] = values.label.split("=");
  const labels = { alertname: "ClusterCheck", instance: alertId(values.prefix, number), [name]: value };
  const alert = { status: "firing", labels, annotations: {}, startsAt: firedAt };
  const groupKey = `{}:{instance="${labels.instance}"}`;
  return JSON.stringify({ version: "4", status: "firing", groupKey, groupLabels: labels, alerts: [alert] });
}
