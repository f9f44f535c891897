// The same storms against this service and against two senders that do less, in the same run and against the same strict robot.
// Time is simulated, so every figure but the last table is the same on any machine.

import { cpus } from "node:os";
import { printPlanning } from "./storm/planning.ts";
import { type Outcome, play } from "./storm/play.ts";
import { senders } from "./storm/senders.ts";
import { storms } from "./storm/storms.ts";

const heading = [
  "alerts",
  "webhooks",
  "sender".padEnd(18),
  "told",
  "lost",
  "messages",
  "files",
  "last told",
  "urgent",
  "max in 60 s",
];

console.log(
  "storms: alerts arrive over 10 s at one bot with one key, three urgent ones among them; WeCom answers after 100 ms",
);
console.log(
  "        last told: since the first webhook; urgent: the slowest, from its webhook to the group; simulated time\n",
);
console.log(row(heading));
for (const storm of storms) {
  for (const [name, start] of senders) {
    const outcome = await play(storm, start);
    console.log(row([storm.alerts, storm.webhooks, name.padEnd(18), ...figures(outcome)].map(String)));
  }
}
console.log(
  `\nplanning 10,000 pending alerts, real time on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`,
);
await printPlanning();

function figures(outcome: Outcome): readonly (string | number)[] {
  const { told, lost, messages, uploads, lastDeliveredMs, urgentMs, largestWindow } = outcome;
  return [
    told,
    lost,
    messages,
    uploads,
    `${(lastDeliveredMs / 60_000).toFixed(2)} min`,
    seconds(urgentMs),
    largestWindow,
  ];
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : "never";
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padStart((heading[i] ?? "").length)).join("  ");
}
