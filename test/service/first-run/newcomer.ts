// Someone who has the program and nothing else: every command runs in an empty folder with a clean environment.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, freePort, killAll, run, start } from "../../support/child.ts";
import { eventually } from "../../support/stack.ts";

export const root = join(import.meta.dirname, "../../..");

const main = join(root, "src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-first-run-"));

export type Env = Readonly<Record<string, string>>;

export const cleanEnv: Env = { PATH: process.env.PATH ?? "", HOME: folder };

/** For an `after`: ends what still runs and deletes every folder. */
export function cleanUp(): void {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}

export function emptyFolder(files: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, randomUUID());
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

export interface Invocation {
  readonly args: readonly string[];
  /** From source when absent. */
  readonly program?: string;
  /** A folder of its own when absent. */
  readonly cwd?: string;
  readonly env?: Env;
}

/** Runs a command to its end. */
export function command({ args, program = main, cwd = emptyFolder(), env = cleanEnv }: Invocation) {
  return run({ command: process.execPath, args: [program, ...args], cwd, env });
}

export interface Served {
  readonly child: Child;
  readonly origin: string;
  readonly port: number;
  /** What it prints for someone who has no key: the line to copy, and the simulated robot's address; empty without. */
  readonly curlLine: string;
  readonly robot: string;
}

/** The default command, on a free port, when it serves. */
export async function serve({
  args,
  program = main,
  cwd = emptyFolder(),
  env = cleanEnv,
}: Invocation): Promise<Served> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const all = [program, `--web.listen-address=${address}`, ...args];
  const child = start({ command: process.execPath, args: all, cwd, env });
  // With a key it prints nothing more; without, the first steps follow on stdout.
  const complete = () => "WECOM_BOT_KEY" in env || /with a real robot/u.test(child.stdout());
  await eventually(
    "it serves",
    () => {
      assert.ok(child.running, child.stderr());
      return /msg=serving/u.test(child.stderr()) && complete();
    },
    60_000,
  );
  return {
    ...{ child, origin: `http://${address}`, port },
    curlLine: /^curl .*$/mu.exec(child.stdout())?.[0] ?? "",
    robot: /group chat:\s+(\S+)\/$/mu.exec(child.stdout())?.[1] ?? "",
  };
}

/** A curl line as it stands, in a shell; where there is no curl, the request it would make. Returns the answer's body. */
export async function perform(line: string): Promise<string> {
  const done = await run({ command: "sh", args: ["-c", line], env: cleanEnv });
  if (done.code !== 127) {
    assert.deepEqual([done.code, done.stderr], [0, ""], line);
    return done.stdout;
  }
  const [, url, body] = /^curl -sS (\S+) -d '(.*)'$/u.exec(line) ?? [];
  return textOf(url ?? "", body);
}

/** The answer to a GET, or to a POST when there is a body. */
export async function textOf(url: string, body?: string): Promise<string> {
  return (await fetch(url, body === undefined ? {} : { method: "POST", body })).text();
}
