// Starts a server of the bench as a separate process and stops it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A bench that fails must not leave its servers. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Child {
  readonly origin: string;
  readonly process: ChildProcess;
  /** CPU time of all its threads so far; NaN where there is no /proc. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when `readyPath` answers 2xx, or when `/webhook`, which has no GET, answers at all. */
export async function startChild(
  args: readonly string[],
  {
    port,
    readyPath,
    env = {},
    command = process.execPath,
  }: {
    readonly port: number;
    readonly readyPath: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Node when absent. */
    readonly command?: string;
  },
): Promise<Child> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000);
  });
  const origin = `http://127.0.0.1:${port}`;
  while (!(await answers(`${origin}${readyPath}`))) {
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended with ${child.exitCode}:\n${stderr}`);
    await delay(5);
  }
  return {
    origin,
    process: child,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** What the image sets for Node. */
export function imageSettings(): NodeJS.ProcessEnv {
  const dockerfile = readFileSync(join(import.meta.dirname, "../Dockerfile"), "utf8");
  const set = dockerfile.matchAll(/(NODE_OPTIONS|MALLOC_\w+)=(\S+)/gu);
  return Object.fromEntries([...set].map(([, name = "", value]) => [name, value]));
}

const ticksPerSecond = (() => {
  try {
    return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  } catch {
    return Number.NaN;
  }
})();

/** Fields 14 and 15 of proc_pid_stat(5), counted after the name, which may contain spaces. */
function cpuMsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /su, "")
      .split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer !== null && (answer.ok || url.endsWith("/webhook"));
}
