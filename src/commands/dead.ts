// `dead`: messages that WeCom refused in every form. Asks the running service, since the outbox file is locked for its process; or, with
// --storage, works on the file of a stopped one.

import { existsSync, readFileSync } from "node:fs";
import { openSqlite } from "../outbox/sqlite/open-sqlite.ts";
import type { DeadDeliveries } from "../outbox/store.ts";
import type { Command, Flags, Terminal } from "./command.ts";
import { deadClient } from "./dead-client.ts";
import { deadAsList, deadInFull } from "./dead-text.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { unknownWord } from "./unknown-word.ts";

const defaultURL = "http://127.0.0.1:8060";

/** As many as the service lists at once. */
const maxDeliveries = 1_000;

const outputs: readonly string[] = ["text", "json"];

const verbs = ["list", "show", "replay", "drop"] as const;

type Verb = (typeof verbs)[number];

interface DeadRequest {
  readonly verb: Verb;
  /** "all" stands for everything on the list. */
  readonly ids: readonly number[] | "all";
  readonly json: boolean;
}

export const deadCommand: Command = {
  name: "dead",
  operands: "list|show|replay|drop [ID...|all]",
  help: "lists messages WeCom refused for good; tells them anew, or takes them off the list",
  flags: {
    url: { kind: "text", help: "address of the running service", fallback: defaultURL },
    "authorization-file": { kind: "text", help: "file with the Authorization header for it, like: Bearer TOKEN" },
    storage: { kind: "text", help: "sqlite:PATH of a stopped service, instead of --url" },
    output: { kind: "text", help: "text or json", fallback: "text" },
  },
  async run(flags, terminal) {
    const output = flags.text.get("output") ?? "text";
    if (!outputs.includes(output)) {
      terminal.err(unknownWord(output, "output", outputs));
      return exitCode.usage;
    }
    const wish = readWish(flags);
    if (wish === null) {
      terminal.err("write one of: dead list, dead show ID…, dead replay ID…|all, dead drop ID…|all");
      return exitCode.usage;
    }
    try {
      return await withDeliveries(flags, (deliveries) => carryOut(wish, deliveries, terminal));
    } catch (cause) {
      terminal.err(cause instanceof Error ? cause.message : String(cause));
      return exitCode.failed;
    }
  },
};

function readWish({ rest, text }: Flags): DeadRequest | null {
  const verb = verbs.find((known) => known === rest[0]);
  const operands = rest.slice(1);
  if (verb === undefined) return null;
  const json = text.get("output") === "json";
  if (verb === "list") return operands.length === 0 ? { verb, ids: "all", json } : null;
  if (operands.length === 1 && operands[0] === "all") return { verb, ids: "all", json };
  const ids = operands.map(Number);
  return ids.length > 0 && ids.every((id) => Number.isSafeInteger(id) && id > 0) ? { verb, ids, json } : null;
}

async function withDeliveries(
  flags: Flags,
  work: (deliveries: DeadDeliveries) => Promise<ExitCode>,
): Promise<ExitCode> {
  const storage = flags.text.get("storage");
  if (storage === undefined) {
    const file = flags.text.get("authorization-file");
    const authorization = file === undefined ? null : readFileSync(file, "utf8").trim();
    return work(deadClient({ origin: originOf(flags.text.get("url") ?? defaultURL), authorization }));
  }
  if (/^postgres(?:ql)?:/u.test(storage)) {
    throw new Error("--storage is a SQLite file; for PostgreSQL ask a running service with --url");
  }
  const path = storage.replace(/^sqlite:/u, "");
  // Opening would make a new, empty one.
  if (!existsSync(path)) throw new Error(`there is no outbox ${path}`);
  const outbox = await openSqlite(path);
  try {
    return await work(outbox);
  } finally {
    await outbox.close();
  }
}

/** fetch refuses such a URL and repeats it. */
function originOf(url: string): string {
  if (/^https?:\/\/[^/]*@/u.test(url)) {
    throw new Error(
      "--url takes no user name and password; put the header into a file and name it with --authorization-file",
    );
  }
  return url.replace(/\/+$/u, "");
}

async function carryOut(
  { verb, ids, json }: DeadRequest,
  deliveries: DeadDeliveries,
  terminal: Terminal,
): Promise<ExitCode> {
  const dead = ids === "all" || verb === "show" ? await deliveries.dead({ maxDeliveries }) : [];
  const wanted = ids === "all" ? dead.map(({ id }) => id) : ids;
  if (verb === "list" || verb === "show") {
    const shown = dead.filter(({ id }) => wanted.includes(id));
    const asText = verb === "list" ? deadAsList(shown) : deadInFull(shown);
    terminal.out(json ? JSON.stringify(shown, null, 2) : asText);
    return missing(
      wanted,
      shown.map(({ id }) => id),
      terminal,
    );
  }
  const done = wanted.length === 0 ? [] : await deliveries[verb](wanted);
  const told = verb === "replay" ? "will be told anew" : "dropped";
  terminal.out(
    json ? JSON.stringify({ ids: done }) : `${done.length} ${told}${done.length > 0 ? `: ${done.join(" ")}` : ""}`,
  );
  return missing(wanted, done, terminal);
}

function missing(wanted: readonly number[], found: readonly number[], terminal: Terminal): ExitCode {
  const others = wanted.filter((id) => !found.includes(id));
  if (others.length === 0) return exitCode.ok;
  terminal.err(`not on the list of the dead: ${others.join(" ")}`);
  return exitCode.failed;
}
