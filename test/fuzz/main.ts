// `npm run fuzz [-- BODIES [SEED]]`: sends hostile bodies to the service and prints the results; exits with 1 if a limit is broken.

import { runFuzz } from "./run.ts";

/** Limits for the service. RSS includes what Node keeps after bodies of 10 MB; the ratio allows for noise of the machine. */
const limits = { peakRssMb: 1_536, leastRatio: 0.8, seconds: 600 };

const bodies = Number(process.argv[2] ?? 200_000);
const seed = Number(process.argv[3] ?? 1);

const report = await runFuzz({
  bodies,
  seed,
  heavyEvery: 4_000,
  drainMs: 600_000,
  measureMs: 10_000,
  progress: (line) => console.log(line),
});

const ratio = report.perSecondAfter / report.perSecondBefore;
console.log(`bodies        ${bodies} from seed ${seed}, in ${report.seconds.toFixed(0)} s`);
console.log(
  `CPU           the service ${report.serviceSeconds.toFixed(0)} s, bodies and robot ${report.ownSeconds.toFixed(0)} s`,
);
console.log(`kinds         ${JSON.stringify(report.kinds)}`);
console.log(`statuses      ${JSON.stringify(report.statuses)}`);
console.log(`slowest       ${report.slowest.ms.toFixed(0)} ms (${report.slowest.kind}, body ${report.slowest.number})`);
console.log(`RSS           ${report.restingRssMb.toFixed(0)} MiB before, at most ${report.peakRssMb.toFixed(0)} MiB`);
console.log(
  `throughput    ${report.perSecondBefore.toFixed(0)}/s before, ${report.perSecondAfter.toFixed(0)}/s after: ratio ${ratio.toFixed(2)}`,
);
const breaches = [
  ...report.breaches,
  ...(report.peakRssMb > limits.peakRssMb ? [`RSS exceeded ${limits.peakRssMb} MiB`] : []),
  ...(ratio < limits.leastRatio ? [`throughput fell below ${limits.leastRatio} of the throughput before`] : []),
  ...(report.seconds > limits.seconds ? [`took longer than ${limits.seconds} s`] : []),
];
for (const breach of breaches) console.error(`BREACH ${breach}`);
if (breaches.length > 0) process.exitCode = 1;
