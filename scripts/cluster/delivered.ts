// Runs inside the cluster. Waits until the simulator has received --count alerts with the prefix, in messages or in their files, and
// prints a summary as JSON that names missing alerts. With --robot only messages to that robot count.

import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { alertId, alertIdsIn } from "./alert-id.ts";

interface Message {
  readonly robot: string;
  readonly msgtype: string;
  readonly body: unknown;
}

interface File {
  readonly mediaId: string;
  readonly text: string | null;
}

const { values } = parseArgs({
  options: {
    simulator: { type: "string", default: "" },
    prefix: { type: "string", default: "" },
    count: { type: "string", default: "1" },
    robot: { type: "string", default: "" },
    within: { type: "string", default: "240" },
  },
});
interface Delivery {
  readonly robot: string;
  readonly msgtype: string;
  readonly ids: Set<string>;
}

const wanted = Array.from({ length: Number(values.count) }, (_, n) => alertId(values.prefix, n));
const startedAt = performance.now();

let deliveries = await readDeliveries();
while (missing().length > 0 && performance.now() - startedAt < Number(values.within) * 1_000) {
  await delay(500);
  deliveries = await readDeliveries();
}
const times = new Map<string, number>();
for (const { ids } of deliveries) for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
const undelivered = missing();
console.log(
  JSON.stringify({
    delivered: wanted.length - undelivered.length,
    undelivered: undelivered.length,
    missing: undelivered.slice(0, 5),
    repeated: [...times.values()].filter((n) => n > 1).length,
    messages: deliveries.length,
    kinds: [...new Set(deliveries.map(({ msgtype }) => msgtype))].join(" "),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    violations: (await ask<readonly unknown[]>("violations")).length,
    largestWindow: (await ask<{ readonly largest: number }>("window")).largest,
  }),
);

function missing(): readonly string[] {
  return wanted.filter((id) => !deliveries.some(({ ids }) => ids.has(id)));
}

/** Deliveries of at least one of the alerts, oldest first. A file lists the alerts of the message before it: both are one delivery. */
async function readDeliveries(): Promise<readonly Delivery[]> {
  const files = new Map((await ask<readonly File[]>("files")).map(({ mediaId, text }) => [mediaId, text ?? ""]));
  const deliveries: Delivery[] = [];
  for (const { robot, msgtype, body } of await ask<readonly Message[]>("messages")) {
    if (values.robot !== "" && robot !== values.robot) continue;
    const text = JSON.stringify(body);
    const listed = msgtype === "file" ? files.get(/"media_id":"([^"]+)"/u.exec(text)?.[1] ?? "") : undefined;
    const summary = listed === undefined ? undefined : deliveries.findLast((one) => one.robot === robot);
    if (summary === undefined) deliveries.push({ robot, msgtype, ids: new Set(alertIdsIn(text, values.prefix)) });
    else for (const id of alertIdsIn(listed ?? "", values.prefix)) summary.ids.add(id);
  }
  return deliveries.filter(({ ids }) => ids.size > 0);
}

async function ask<Answer>(what: string): Promise<Answer> {
  return (await (await fetch(`${values.simulator}/_sim/${what}`)).json()) as Answer;
}
