// Time from the content of a graph to its PNG, on the drawing thread, and the size of the picture.

import { DrawingThread } from "../../src/graph/drawing-thread.ts";
import { binary, english, firing, hostile, resolved, sixSeries } from "../../test/stages/graph/svg/samples.ts";

const contents = { firing, resolved, english, sixSeries, binary, hostile };

export async function printDrawing(draws: number): Promise<void> {
  const thread = new DrawingThread(null, { idleMs: 600_000 });
  const began = performance.now();
  await thread.draw(firing);
  console.log(`drawing: the first after ${Math.round(performance.now() - began)} ms, then ${draws} of each`);
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
    console.log(
      `  ${name.padEnd(10)} ${size}   least ${at(0)}   half ${at(0.5)}   nine in ten ${at(0.9)}   all ${at(1)}`,
    );
  }
  await thread.close();
}
