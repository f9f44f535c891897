// What a service waits for before a request leaves, read from its system calls: round trips to PostgreSQL, and log flushes, which are
// the commits that reach the disk, of the service (SQLite) and of its sessions on the server. Tracing slows processes down, so
// nothing else is measured meanwhile.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { quantile } from "../load.ts";

/** Per notification, medians. */
export interface Steps {
  /** From the webhook until the request to the robot is written. */
  readonly flushesBefore: number;
  readonly tripsBefore: number;
  /** From the webhook until the next webhook. */
  readonly flushes: number;
}

/** System calls during `run`, a line each in order. Null without strace. */
export async function tracing(pids: readonly number[], run: () => Promise<void>): Promise<readonly string[] | null> {
  if (spawnSync("strace", ["-V"]).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-trace-"));
  const file = join(folder, "calls");
  const calls = "trace=read,write,writev,fsync,fdatasync";
  const args = ["-f", "-yy", "-s", "40", "-e", calls, "-e", "signal=none", "-o", file];
  const strace = spawn("strace", [...args, ...pids.flatMap((pid) => ["-p", String(pid)])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let attached = 0;
  for await (const line of createInterface({ input: strace.stderr })) {
    if (/ attached/u.test(line)) attached += 1;
    if (attached === pids.length) break;
  }
  if (attached < pids.length)
    throw new Error("strace did not attach to all processes: it needs root or ptrace_scope 0");
  await run();
  const ended = once(strace, "exit");
  strace.kill("SIGINT");
  await ended;
  const lines = readFileSync(file, "utf8").split("\n");
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

export function stepsOf(lines: readonly string[], postgresPort: number): Steps {
  const all: { flushesBefore: number; tripsBefore: number; flushes: number; left: boolean }[] = [];
  for (const line of lines) {
    if (/ read\(.*"POST \/webhook/u.test(line) || /read resumed>.*"POST \/webhook/u.test(line))
      all.push({ flushesBefore: 0, tripsBefore: 0, flushes: 0, left: false });
    const current = all.at(-1);
    if (current === undefined) continue;
    if (/ writev?\(.*"POST \/cgi-bin/u.test(line)) current.left = true;
    // A call that another process interrupts has two lines; the second does not have the name before a bracket.
    if (/ f(?:data)?sync\(/u.test(line)) {
      current.flushes += 1;
      if (!current.left) current.flushesBefore += 1;
    }
    if (!current.left && / writev?\(/u.test(line) && line.includes(`:${postgresPort}]>`)) current.tripsBefore += 1;
  }
  if (all.length === 0 || all.some(({ left }) => !left)) throw new Error("a request is missing in the system calls");
  const median = (values: readonly number[]) => quantile(values, 0.5);
  return {
    flushesBefore: median(all.map(({ flushesBefore }) => flushesBefore)),
    tripsBefore: median(all.map(({ tripsBefore }) => tripsBefore)),
    flushes: median(all.map(({ flushes }) => flushes)),
  };
}
