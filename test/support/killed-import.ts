// `outbox import` as a process of its own, killed with SIGKILL once it took so much of its input; and an export large enough for that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ExportWriter } from "../../src/outbox/export-lines.ts";

const main = join(import.meta.dirname, "../../src/main.ts");

/** Of so many waiting notifications with bodies of 4 kB: as many statements, and more than the engines keep in memory. */
export async function largeExport(notifications: number): Promise<readonly string[]> {
  const lines: string[] = [];
  const writer = new ExportWriter(async (line) => void lines.push(line));
  await writer.head({ at: Date.now(), clockAheadMs: 0 });
  const body = JSON.stringify({ padding: "告".repeat(1_300) });
  for (let id = 1; id <= notifications; id += 1) {
    const names = { id, bot: "ops", group_id: `group ${id}`, dedup_key: `dedup ${id}` };
    const numbers = { urgent: 0, alerts: 1, bytes: Buffer.byteLength(body), accepted_at: 1_000 + id, ready_at: 0 };
    await writer.row("notifications", { ...names, ...numbers, telling_id: null, body });
  }
  await writer.end();
  return lines;
}

/** Hands over `share` of the lines and kills. Resolves when the process is gone. */
export async function killImport(configFile: string, lines: readonly string[], share: number): Promise<void> {
  const args = [main, "outbox", "import", `--config.file=${configFile}`];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(child, "exit");
  child.stdin.on("error", () => {});
  for (const line of lines.slice(0, Math.ceil(lines.length * share))) {
    // Room again means that the child has read: all but the last pipe full of it.
    if (!child.stdin.write(`${line}\n`)) await once(child.stdin, "drain");
  }
  child.kill("SIGKILL");
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL");
}
