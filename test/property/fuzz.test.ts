// For a while, and with other bodies every day: whatever is posted, the service answers and survives. The long run, which also reports
// how fast it is afterwards, is `npm run fuzz`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runFuzz } from "../fuzz/run.ts";

const day = Math.floor(Date.now() / 86_400_000);

test("2,000 hostile bodies break nothing", async (t) => {
  // One of the big kinds is always among them.
  const seed = (day % 1_000) * 2_000;

  const report = await runFuzz({
    bodies: 2_000,
    seed,
    heavyEvery: 1_000,
    drainMs: 0,
    measureMs: 500,
    progress: (line) => t.diagnostic(line),
  });

  const ratio = report.perSecondAfter / report.perSecondBefore;
  t.diagnostic(`seed ${seed}: RSS ${report.peakRssMb.toFixed(0)} MiB, throughput after/before ${ratio.toFixed(2)}`);
  assert.deepEqual(report.breaches, []);
  assert.ok(report.peakRssMb < 1_024, `RSS ${report.peakRssMb} MiB`);
});
