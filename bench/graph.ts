// What a graph costs: time from content to PNG on the drawing thread, its size, and the memory before, while the thread lives and
// after it ended. Usage: npm run bench:graph [-- --draws=30]

import { parseArgs } from "node:util";
import { DrawingThread } from "../src/graph/drawing-thread.ts";
import { binary, english, firing, hostile, resolved, sixSeries } from "../test/stages/graph/svg/samples.ts";

const { values } = parseArgs({ options: { draws: { type: "string", default: "30" } } });
const draws = Number(values.draws);
const contents = { firing, resolved, english, sixSeries, binary, hostile };

const megabytes = () => `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`;

const thread = new DrawingThread(null, { idleMs: 600_000 });
const before = megabytes();
const began = performance.now();
await thread.draw(firing);
const first = performance.now() - began;

for (const [name, content] of Object.entries(contents)) {
  const times: number[] = [];
  let bytes = 0;
  for (let draw = 0; draw < draws; draw++) {
    const at = performance.now();
    const graph = await thread.draw(content);
    times.push(performance.now() - at);
    if (graph.kind === "drawn") bytes = graph.png.length;
  }
  const ordered = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(ordered[Math.floor(share * (draws - 1))] ?? 0)} ms`.padStart(7);
  const size = `${(bytes / 1000).toFixed(1)} KB`.padStart(8);
  console.log(`${name.padEnd(10)} ${size}   least ${at(0)}   half ${at(0.5)}   nine in ten ${at(0.9)}   all ${at(1)}`);
}

const during = megabytes();
thread.endWhenIdle();
await new Promise((resolve) => setTimeout(resolve, 5_000));
console.log(
  `first ${Math.round(first)} ms; memory ${before} before, ${during} with the thread, ${megabytes()} after it`,
);
await thread.close();
