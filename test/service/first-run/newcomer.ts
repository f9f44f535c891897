// Someone who has the program and nothing else: every command runs in an empty folder with a clean environment.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, freePort, killAll, run, start } from "../../support/child.ts";
import { eventually } from "../../support/stack.ts";

export const root = join(import.meta.dirname, "../../..");

export const main = join(root, "src/main.ts");
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

/** A command that should end, but serves, fails its test instead of holding up all others. */
const commandLimitMs = 30_000;

/** Runs a command to its end. */
export function command({ args, program = main, cwd = emptyFolder(), env = cleanEnv }: Invocation) {
  return run({ command: process.execPath, args: [program, ...args], cwd, env }, commandLimitMs);
}

export interface Served {
  readonly child: Child;
  readonly origin: string;
  readonly port: number;
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
  await running(child, () => /msg=serving/u.test(child.stderr()));
  return { child, origin: `http://${address}`, port };
}

export interface Demo {
  readonly child: Child;
  /** The line to copy. */
  readonly curlLine: string;
  /** The addresses of the service and of the simulated robot, without a trailing slash. */
  readonly origin: string;
  readonly robot: string;
  /** The outbox and the config of the demo; none after its end. */
  ownFolders(): readonly string[];
}

/** The demo, when it has printed its first steps: as `npm run demo` starts it, or of a program elsewhere. */
export async function demo(program?: string): Promise<Demo> {
  const args = program === undefined ? demoScript() : [program, "demo"];
  const temporary = emptyFolder();
  const env = { ...cleanEnv, TMPDIR: temporary };
  const child = start({ command: process.execPath, args, cwd: program === undefined ? root : emptyFolder(), env });
  await running(child, () => /with a real robot/u.test(child.stdout()));
  const curlLine = /^curl .*$/mu.exec(child.stdout())?.[0] ?? "";
  return {
    child,
    curlLine,
    origin: /(http\S+)\/webhook/u.exec(curlLine)?.[1] ?? "",
    robot: /group chat:\s+(\S+)\/$/mu.exec(child.stdout())?.[1] ?? "",
    ownFolders: () => readdirSync(temporary).filter((name) => name.startsWith("alertmanager-wecom-demo-")),
  };
}

/** Not through npm: at a terminal Ctrl-C reaches all processes of npm, here a signal would end its shell alone. */
function demoScript(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: { readonly demo: string };
  };
  const [node, ...args] = scripts.demo.split(" ");
  assert.equal(node, "node");
  return args;
}

async function running(child: Child, isReady: () => boolean): Promise<void> {
  const holds = () => {
    assert.ok(child.running, child.stderr());
    return isReady();
  };
  await eventually("it runs", holds, 60_000);
}

/** A curl line as it stands, in a shell; where there is no curl, the request it would make. Returns the answer's body. */
export async function perform(line: string): Promise<string> {
  const done = await run({ command: "sh", args: ["-c", line], env: cleanEnv });
  if (done.code !== 127) {
    assert.deepEqual([done.code, done.stderr], [0, ""], line);
    return done.stdout;
  }
  const [, url, body] = /^curl -sS (\S+) -d '(.*)'$/u.exec(line) ?? [];
  return textOf(url ?? "", body?.replace("'$(date -u +%FT%TZ)'", new Date().toISOString()));
}

/** The answer to a GET, or to a POST when there is a body. */
export async function textOf(url: string, body?: string): Promise<string> {
  return (await fetch(url, body === undefined ? {} : { method: "POST", body })).text();
}
