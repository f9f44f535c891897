// What delivery costs, and how long it holds up everything else the process does. `npm run bench:render [-- NAME]`

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
console.log("         held: the longest in which the event loop did nothing else; turn: the processor time in it\n");
console.log(row(["what waits", "as", "messages", "took", "cpu", "held", "turn"]));
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
