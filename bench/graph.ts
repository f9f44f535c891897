// npm run bench:graph: what graphs cost: the time of drawing one; the time until the text of an alert arrives, beside datasources that
// do what none should; the memory of the program of the image. `-- drawing`, `-- texts` or `-- memory` for one of them, which takes
// seconds, two minutes and, for each of --starts, three minutes. Memory only on Linux.

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
