// Many simulated robots in a separate process, so that their CPU time is not counted as that of the service. Sends its origin to the
// parent, then answers its questions: what was received, and when; `reset` clears this and the windows of the robots.

import { startSimulator } from "../../src/simulator/server.ts";
import { robotsOf } from "./robot-names.ts";

export interface Received {
  readonly messages: number;
  /** Epoch ms with a fraction; NaN if none arrived. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly largestWindow: number;
  readonly violations: number;
}

const now = () => performance.timeOrigin + performance.now();
const simulator = await startSimulator({ robots: robotsOf(Number(process.argv[2])), now });

process.on("message", (question) => {
  if (question === "reset") simulator.reset();
  process.send?.(question === "count" ? simulator.accepted().length : received());
});
process.send?.(simulator.origin);

function received(): Received {
  const accepted = simulator.accepted();
  return {
    messages: accepted.length,
    firstAt: accepted[0]?.at ?? Number.NaN,
    lastAt: accepted.at(-1)?.at ?? Number.NaN,
    largestWindow: accepted.length === 0 ? 0 : simulator.largestWindow(),
    violations: simulator.violations().length,
  };
}
