// Many robots in a process of their own, so that judging messages is not counted as ours. Says its origin, then answers questions of
// its parent: what arrived, and in which time; `reset` forgets it, and with it the robots' windows.

import { startSimulator } from "../../src/simulator/server.ts";
import { robotsOf } from "./robot-names.ts";

export interface RenderedKind {
  readonly messages: number;
  /** Of this machine's clock, epoch ms with a fraction; NaN when none arrived. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly largestWindow: number;
  readonly violations: number;
}

const now = () => performance.timeOrigin + performance.now();
const simulator = await startSimulator({ robots: robotsOf(Number(process.argv[2])), now });

process.on("message", (question) => {
  if (question === "reset") simulator.reset();
  process.send?.(question === "count" ? simulator.accepted().length : told());
});
process.send?.(simulator.origin);

function told(): RenderedKind {
  const accepted = simulator.accepted();
  return {
    messages: accepted.length,
    firstAt: accepted[0]?.at ?? Number.NaN,
    lastAt: accepted.at(-1)?.at ?? Number.NaN,
    largestWindow: accepted.length === 0 ? 0 : simulator.largestWindow(),
    violations: simulator.violations().length,
  };
}
