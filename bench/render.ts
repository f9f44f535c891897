// The cost of delivery, and how long it blocks the event loop. `npm run bench:render [-- NAME]`

import { cpus } from "node:os";
import { toRender } from "./render/bodies.ts";
import { timedRender } from "./rendering.ts";

const routes = [
  ["markdown", ""],
  ["all kinds", "message: [text_notice, news, markdown_v2, text, markdown, file]"],
] as const;

const only = process.argv[2] ?? "";

console.log(
  `delivery: fetch, merge, render and store, on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`,
);
console.log("         blocked: the longest time that the event loop was blocked; turn: the CPU time in it\n");
console.log(row(["queued", "as", "messages", "took", "cpu", "blocked", "turn"]));
for (const { name, bodies } of toRender.filter((one) => one.name.includes(only))) {
  const made = bodies();
  for (const [kinds, route] of routes) {
    const { tookMs, cpuMs, heldMs, turnMs, messages } = await timedRender(made, route);
    console.log(row([name, kinds, String(messages), ms(tookMs), ms(cpuMs), ms(heldMs), ms(turnMs)]));
  }
}

function row([name = "", kinds = "", ...figures]: readonly string[]): string {
  return [name.padEnd(50), kinds.padEnd(10), ...figures.map((figure) => figure.padStart(9))].join("");
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
