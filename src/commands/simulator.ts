// Runs the simulator alone: a robot to point any WeCom client at, with its page.

import { randomUUID } from "node:crypto";
import { startSimulator } from "../simulator/server.ts";
import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { parseListenAddress } from "./listen-address.ts";
import { startFailure } from "./start-failure.ts";
import { untilSignal } from "./until-signal.ts";

const defaultAddress = "127.0.0.1:8061";

export const simulatorCommand: Command = {
  name: "simulator",
  operands: "",
  help: "runs a strict WeCom robot on this machine, with a page that shows the group chat",
  flags: {
    "web.listen-address": { kind: "text", help: "address to listen on", fallback: defaultAddress },
    key: {
      kind: "text",
      help: "key of the robot, or several with commas, a group for each; without it one is made up and printed",
    },
    profile: {
      kind: "text",
      help: "documented or observed: which reading of WeCom to imitate",
      fallback: "documented",
    },
  },
  async run(flags, terminal) {
    const parsed = parseListenAddress(flags.text.get("web.listen-address") ?? defaultAddress);
    const profile = flags.text.get("profile") ?? "documented";
    if (parsed.kind === "faulty" || (profile !== "documented" && profile !== "observed")) {
      terminal.err(
        parsed.kind === "faulty" ? parsed.message : `"${profile}" is no profile; write documented or observed`,
      );
      return exitCode.usage;
    }
    const given = flags.text.get("key");
    const key = given ?? randomUUID();
    const { host, port } = parsed.address;
    const robots = key.split(",").map((one, n) => ({ name: n === 0 ? "simulated" : `simulated-${n + 1}`, key: one }));
    const simulator = await startSimulator({ robots, profile, host: host ?? "0.0.0.0", port }).catch((cause) => {
      const { reason } = startFailure(cause, parsed.address);
      throw reason === undefined ? cause : new Error(String(reason), { cause });
    });
    terminal.out(`group chat:  ${simulator.pageUrl}`);
    terminal.out(`base_url:    ${simulator.origin}`);
    if (given === undefined) terminal.out(`robot key:   ${key}`);
    await untilSignal();
    await simulator.close();
    return exitCode.ok;
  },
};
