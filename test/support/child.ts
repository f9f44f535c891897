// Starts a program as a separate process, waits for it and stops it. Programs that still run when the test process ends are killed.

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment; that of the test process when absent. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** From the signal, or from the start if none was sent, to the end. */
  readonly tookMs: number;
}

export interface Child {
  /** -1 when it could not be started. */
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  readonly running: boolean;
  /** Sends the signal and resolves at the end; at once if the program has already ended. */
  stop(signal: NodeJS.Signals): Promise<Ended>;
  /** Resolves when the program ends by itself. */
  readonly ended: Promise<Ended>;
}

/** A start takes a second; on an overloaded machine, half a minute. */
const readyWithinMs = 60_000;
const living = new Set<ChildProcess>();
process.once("exit", killAll);

/** For an `after`: a program left by a failed test would keep the test process alive. */
export function killAll(): void {
  for (const child of living) child.kill("SIGKILL");
}

export function start({ command, args, cwd, env = inherited(), stdin = "" }: Program): Child {
  const child = spawn(command, args, { stdio: "pipe", env, ...(cwd === undefined ? {} : { cwd }) });
  living.add(child);
  // A program that does not read its input may be gone before it is written.
  child.stdin.on("error", () => undefined).end(stdin);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  let since = performance.now();
  const ended = once(child, "close").then(([code]): Ended => {
    living.delete(child);
    return { code: code as number | null, tookMs: performance.now() - since };
  });
  return {
    pid: child.pid ?? -1,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    get running() {
      return living.has(child);
    },
    ended,
    stop(signal) {
      if (living.has(child)) since = performance.now();
      child.kill(signal);
      return ended;
    },
  };
}

/** Starts it and waits until the URL answers 2xx; throws with its output if it ends before. */
export async function startServer(program: Program, readyUrl: string): Promise<Child> {
  const child = start(program);
  const deadline = performance.now() + readyWithinMs;
  while (!(await answersOk(readyUrl))) {
    if (!child.running || performance.now() > deadline) {
      await child.stop("SIGKILL");
      throw new Error(`${program.command} did not become ready:\n${(child.stdout() + child.stderr()).slice(-4_000)}`);
    }
    await delay(20);
  }
  return child;
}

/** Runs a short program to its end. One that does not end is killed after `limitMs`: its exit code is null. */
export async function run(
  program: Program,
  limitMs = 300_000,
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const child = start(program);
  const limit = setTimeout(() => void child.stop("SIGKILL"), limitMs);
  const ended = await child.ended;
  clearTimeout(limit);
  return { ...ended, stdout: child.stdout(), stderr: child.stderr() };
}

/**
 * A free port below those that the system assigns (from 32768): while the program of the test is stopped, no other program gets the
 * port by chance.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(12_000, 32_000);
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.ok ?? false;
}
