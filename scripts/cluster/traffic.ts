// Runs inside the cluster. Posts webhooks at a steady rate, every second one over a new connection and the others over keep-alive
// connections, until --count are sent or stdin ends. Then prints the results as JSON. With --retry it retries as Alertmanager does;
// without, any answer but 200 to the first try is a refusal.

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

/** Alertmanager waits this long before the first retry and 1.5 times as long before each further one, with 50 % jitter. */
const retryMs = 500;
const tryTimeoutMs = 10_000;

/** Characters: enough to see which server answered. */
const answerShown = 60;

const refusals: Record<string, number> = {};
let accepted = 0;
let slowestMs = 0;
let stopped = false;

// Only a run without a count reads stdin: an open stdin would keep the program running.
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
    // Alertmanager does not retry after a 4xx: the notification is lost.
    if (!values.retry || outcome.startsWith("4")) break;
    await delay(waitMs * (0.5 + Math.random()));
  }
  slowestMs = Math.max(slowestMs, Math.round(performance.now() - sentAt));
}

/** "200", another status with the start of the answer, or the error if there is no answer. */
function post(number: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const agent = number % 2 === 0 ? kept : false;
  const signal = AbortSignal.timeout(tryTimeoutMs);
  const sending = request(`${values.service}/webhook`, { method: "POST", agent, signal }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("error", () => resolve("connection lost"));
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

/** Every alert is its own group. */
function webhook(number: number): string {
  const [name = "", value = ""] = values.label.split("=");
  const labels = { alertname: "ClusterCheck", instance: alertId(values.prefix, number), [name]: value };
  const alert = { status: "firing", labels, annotations: {}, startsAt: firedAt };
  const groupKey = `{}:{instance="${labels.instance}"}`;
  return JSON.stringify({ version: "4", status: "firing", groupKey, groupLabels: labels, alerts: [alert] });
}
