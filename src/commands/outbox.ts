// `outbox export` and `outbox import`: all that an outbox holds, out of the storage that one config names and into that of another.
// Works on the storage itself, so every process that serves it has to be stopped.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { systemClock } from "../observe/clock.ts";
import { createLog } from "../observe/log.ts";
import { openOutbox } from "../open-outbox.ts";
import type { LaneBacklog, Outbox } from "../outbox/store.ts";
import type { RowCounts } from "../outbox/transfer.ts";
import { windowMs } from "../wecom/limits.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { linesInto, linesOf } from "./line-files.ts";
import { configFlags } from "./shared-flags.ts";

const clock = systemClock();

export const outboxCommand: Command = {
  name: "outbox",
  operands: "export|import [FILE|-]",
  help: "moves what waits from one storage to another, such as from SQLite to PostgreSQL",
  flags: { "config.file": configFlags["config.file"] },
  async run({ rest, text }, terminal) {
    const [verb, path = "-", ...more] = rest;
    if ((verb !== "export" && verb !== "import") || more.length > 0) {
      terminal.err("write one of: outbox export [FILE], outbox import [FILE]; without FILE, stdout or stdin");
      return exitCode.usage;
    }
    const configFile = text.get("config.file") ?? null;
    const loaded = loadConfig(configFile, terminal.env);
    if (loaded.kind === "faulty") {
      for (const { line, column, message } of loaded.issues) {
        terminal.err(`${configFile ?? "(defaults)"}:${line}:${column}: ${message}`);
      }
      return exitCode.failed;
    }
    try {
      return await (verb === "export" ? exportTo : importFrom)(path, loaded.config, terminal);
    } catch (cause) {
      terminal.err(cause instanceof Error ? cause.message : String(cause));
      return exitCode.failed;
    }
  },
};

async function exportTo(path: string, config: Config, terminal: Terminal): Promise<ExitCode> {
  const { storage } = config;
  // Opening would make a new, empty one.
  if (storage.engine === "sqlite" && !existsSync(storage.path)) throw new Error(`there is no outbox ${storage.path}`);
  return withOutbox(config, async (outbox) => {
    const sink = linesInto(path);
    try {
      const counts = await outbox.exportTo(
        (line) => sink.write(line),
        () => clock.now(),
      );
      await sink.finish();
      terminal.err(summary("exported", counts, await outbox.backlog()));
      return exitCode.ok;
    } catch (cause) {
      await sink.abandon();
      throw cause;
    }
  });
}

function importFrom(path: string, config: Config, terminal: Terminal): Promise<ExitCode> {
  return withOutbox(config, async (outbox) => {
    const counts = await outbox.importFrom(linesOf(path), { machineNow: () => clock.now(), windowMs });
    terminal.out(summary("imported", counts, await outbox.backlog()));
    return exitCode.ok;
  });
}

async function withOutbox(config: Config, work: (outbox: Outbox) => Promise<ExitCode>): Promise<ExitCode> {
  const log = createLog({ level: "warn", format: "logfmt" });
  const outbox = await openOutbox({ config, clock, owner: `outbox command ${randomUUID()}`, log });
  try {
    return await work(outbox);
  } finally {
    await outbox.close();
  }
}

/** Of both ends the same, so that whoever moves an outbox sees that all of it arrived. */
function summary(done: string, counts: RowCounts, backlog: readonly LaneBacklog[]): string {
  const lanes = backlog.toSorted((a, b) => (a.bot < b.bot ? -1 : 1));
  const waiting = lanes.map(({ bot, notifications }) => `${bot} ${notifications}`).join(", ");
  const rows = Object.entries(counts).map(([table, count]) => `${table} ${count}`);
  return `${done}: ${rows.join(", ")}\nwaiting to be told: ${waiting === "" ? "nothing" : waiting}`;
}
