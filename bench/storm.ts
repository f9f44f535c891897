// Runs the same storms against this service and against two common kinds of adapter, with the same strict robot.
// Time is simulated, so every figure is the same on any machine, except those of the last two tables.

import { cpus } from "node:os";
import { printGraphs } from "./storm/graphs.ts";
import { killAll, killedWebhooks } from "./storm/kill.ts";
import { printPlanning } from "./storm/planning.ts";
import { type Outcome, play } from "./storm/play.ts";
import { senders } from "./storm/senders.ts";
import { calm, type Storm, storms } from "./storm/storms.ts";

const heading = [
  "alerts",
  "webhooks",
  "sender".padEnd(18),
  "delivered",
  "lost",
  "messages",
  "files",
  "last delivered",
  "urgent",
  "max in 60 s",
];

console.log(
  "storms: alerts arrive over 10 s at one bot with one key, three urgent ones among them; WeCom answers after 100 ms",
);
console.log(
  "        last delivered: since the first webhook; urgent: the slowest, from its webhook to the group; simulated time\n",
);
console.log(row(heading));
for (const storm of storms) await playAll(storm);
for (const [what, storm] of calm) {
  console.log(`\n${what}\n${row(heading)}`);
  await playAll(storm);
}
console.log("\nthe same storms of several webhooks, with a datasource that has a series for each alert");
await printGraphs();
console.log(`\n${killedWebhooks} webhooks of one alert each, kill -9 before WeCom answers, started again; real time`);
for (const { sender, lost, repeated, marked } of await killAll()) {
  console.log(`  ${sender.padEnd(18)}  lost ${lost}  sent twice ${repeated}, marked as a possible repeat ${marked}`);
}
console.log(
  `\nplanning 10,000 queued alerts, real time on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`,
);
await printPlanning();

async function playAll(storm: Storm): Promise<void> {
  for (const [name, start] of senders) {
    const outcome = await play(storm, start);
    console.log(row([storm.alerts, storm.webhooks, name.padEnd(18), ...figures(outcome)].map(String)));
  }
}

function figures(outcome: Outcome): readonly (string | number)[] {
  const { delivered, lost, messages, uploads, lastDeliveredMs, urgentMs, largestWindow } = outcome;
  return [
    delivered,
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
