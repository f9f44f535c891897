// npm run bench:graph: the time to draw a graph, the time until the text of an alert arrives beside hostile datasources, and the memory
// of the program of the image (Linux only). One of them: `-- drawing` (seconds), `-- texts` (two minutes), `-- memory` (three minutes
// for each of --starts).

import { parseArgs } from "node:util";
import { printDrawing } from "./graph/drawing.ts";
import { printMemory } from "./graph/memory.ts";
import { printTexts } from "./graph/texts.ts";
import { loadAverage, machine } from "./replicas/cost.ts";

const { values, positionals } = parseArgs({
  options: {
    draws: { type: "string", default: "30" },
    rounds: { type: "string", default: "30" },
    starts: { type: "string", default: "3" },
  },
  allowPositionals: true,
});
const parts = {
  drawing: () => printDrawing(Number(values.draws)),
  texts: () => printTexts(Number(values.rounds)),
  memory: () => printMemory(Number(values.starts)),
};

console.log(`Node ${process.version}, ${machine()}; load average ${loadAverage()} before`);
for (const [name, print] of Object.entries(parts)) {
  if (positionals.length === 0 || positionals.includes(name)) await print();
}
console.log(`load average ${loadAverage()}`);
