import { randomUUID } from "node:crypto";
import { startSimulator } from "../simulator/server.ts";
import { type Command, exitCode, exitWith } from "./command.ts";
import { parseListenAddress } from "./flags.ts";
import { startFailure, untilSignal } from "./long-running.ts";

export const simulatorCommand: Command = {
  name: "simulator",
  operands: "",
  help: "runs a strict simulated WeCom robot on this machine, with a page that shows the group chat",
  flags: {
    "web.listen-address": { help: "address to listen on", fallback: "127.0.0.1:8061" },
    key: {
      help: "key of the robot; several keys, separated by commas, are robots of different groups; without it a random key, which is printed",
    },
    profile: {
      help: "documented or observed: which behaviour of WeCom to imitate",
      fallback: "documented",
      choices: ["documented", "observed"],
    },
  },
  async run(flags, terminal) {
    const listen = parseListenAddress(flags);
    if (listen.kind === "usage") return exitWith(exitCode.usage, listen.message, terminal);
    const given = flags.values.get("key");
    const key = given ?? randomUUID();
    const { host, port } = listen.address;
    const simulator = await startSimulator({
      robots: key.split(",").map((one, n) => ({ name: n === 0 ? "simulated" : `simulated-${n + 1}`, key: one })),
      profile: flags.values.get("profile") === "observed" ? "observed" : "documented",
      host: host ?? "0.0.0.0",
      port,
    }).catch((cause) => {
      const { reason } = startFailure(cause, listen.address);
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
