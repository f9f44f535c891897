// Many simulated robots in a separate process, so that their CPU time is not counted as that of the service. Sends its origin to the
// parent, then answers its questions; `reset` clears what was received and the windows of the robots.

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

/** The questions and their answers. */
export interface Answers {
  readonly reset: Received;
  readonly received: Received;
  /** Messages so far. */
  readonly count: number;
  /** When the headers of each message arrived, epoch ms with a fraction. */
  readonly instants: readonly number[];
}

const now = () => performance.timeOrigin + performance.now();
const simulator = await startSimulator({ robots: robotsOf(Number(process.argv[2])), now });

process.on("message", (question: keyof Answers) => {
  if (question === "reset") simulator.reset();
  process.send?.(answer(question));
});
process.send?.(simulator.origin);

function answer(question: keyof Answers): Answers[keyof Answers] {
  if (question === "count") return simulator.accepted().length;
  return question === "instants" ? simulator.accepted().map(({ at }) => at) : received();
}

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
