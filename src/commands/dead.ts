// `dead`: messages that WeCom rejected in every form. It asks the running service, because that process holds the outbox file; or,
// with --storage, it opens the file of a stopped service.

import { existsSync } from "node:fs";
import { didYouMean, inQuotes } from "../config/in-quotes.ts";
import { openSqlite } from "../outbox/sqlite/open-sqlite.ts";
import type { DeadDeliveries, DeadDelivery } from "../outbox/store.ts";
import { messageText, type WecomMessage } from "../wecom/message.ts";
import { type Command, type ExitCode, exitCode, exitWith, type Terminal } from "./command.ts";
import type { CommandFlags } from "./flags.ts";
import { type AskService, serviceClient, serviceFlags } from "./service-client.ts";

/** As many as the service lists at once. */
const maxListed = 1_000;

/** Characters of the rejected text in a list; `show` prints all of it. */
const excerptMax = 60;

const deadVerbs = ["list", "show", "replay", "drop"] as const;

interface DeadRequest {
  readonly verb: (typeof deadVerbs)[number];
  readonly ids: readonly number[] | "all";
  readonly json: boolean;
}

export const deadCommand: Command = {
  name: "dead",
  operands: "list|show|replay|drop [ID...|all]",
  help: "lists dead messages, which WeCom rejected in every form; replays them or drops them",
  flags: {
    ...serviceFlags,
    storage: { help: "sqlite:PATH of a stopped service, instead of --url" },
    output: { help: "text or json", fallback: "text", choices: ["text", "json"] },
  },
  async run(flags, terminal) {
    const request = requestOf(flags);
    if (typeof request === "string") return exitWith(exitCode.usage, request, terminal);
    return withDeliveries(flags, terminal.env, (deliveries) => carryOut(request, deliveries, terminal));
  },
};

/** Or what is wrong with it. */
function requestOf({ operands, values }: CommandFlags): DeadRequest | string {
  const verb = deadVerbs.find((known) => known === operands[0]);
  const given = operands.slice(1);
  if (verb === undefined) {
    const hint = didYouMean(operands[0] ?? "", deadVerbs);
    return `expected one of: dead list, dead show ID…|all, dead replay ID…|all, dead drop ID…|all${hint}`;
  }
  const json = values.get("output") === "json";
  if (verb === "list")
    return given.length === 0 ? { verb, ids: "all", json } : "dead list takes no ids; dead show does";
  if (given.length === 1 && given[0] === "all") return { verb, ids: "all", json };
  const listed = "dead list shows the ids";
  if (given.length === 0) return `name ids, or all: dead ${verb} ID…|all; ${listed}`;
  const wrong = given.find((id) => !Number.isSafeInteger(Number(id)) || Number(id) <= 0);
  return wrong === undefined ? { verb, ids: given.map(Number), json } : `${inQuotes(wrong)} is no id; ${listed}`;
}

async function withDeliveries(
  flags: CommandFlags,
  env: Terminal["env"],
  work: (deliveries: DeadDeliveries) => Promise<ExitCode>,
): Promise<ExitCode> {
  const storage = flags.values.get("storage");
  if (storage === undefined) return work(deadClient(serviceClient(flags, env)));
  if (/^postgres(?:ql)?:/u.test(storage)) {
    throw new Error("--storage takes a SQLite file; for PostgreSQL ask a running service with --url");
  }
  const path = storage.replace(/^sqlite:/u, "");
  // Opening would create a file that does not exist.
  if (!existsSync(path)) throw new Error(`there is no outbox ${path}`);
  const outbox = await openSqlite(path).catch((cause: unknown) => {
    if (!(cause instanceof Error && "code" in cause && cause.code === "outbox_locked")) throw cause;
    throw new Error(`a running service uses ${path}: leave --storage out, and the command asks the service`, { cause });
  });
  try {
    return await work(outbox);
  } finally {
    await outbox.close();
  }
}

/** Those of a running service, over its HTTP API. */
function deadClient(ask: AskService): DeadDeliveries {
  const act = async (verb: string, ids: readonly number[]) =>
    ((await ask(`/api/v1/dead/${verb}`, { ids })) as { readonly ids: readonly number[] }).ids;
  const list = async (limit: number) =>
    (await ask(`/api/v1/dead?limit=${limit}`)) as { readonly deliveries: readonly DeadDelivery[] };
  return {
    dead: async ({ maxDeliveries }) => (await list(maxDeliveries)).deliveries,
    replay: (ids) => act("replay", ids),
    drop: (ids) => act("drop", ids),
  };
}

async function carryOut(
  { verb, ids, json }: DeadRequest,
  deliveries: DeadDeliveries,
  terminal: Terminal,
): Promise<ExitCode> {
  const dead = ids === "all" || verb === "show" ? await deliveries.dead({ maxDeliveries: maxListed }) : [];
  const wanted = ids === "all" ? dead.map(({ id }) => id) : ids;
  if (verb === "list" || verb === "show") {
    const listed = dead.filter(({ id }) => wanted.includes(id));
    const asText = verb === "list" ? listText(listed) : fullText(listed);
    terminal.out(json ? JSON.stringify(listed, null, 2) : asText);
    const foundIds = listed.map(({ id }) => id);
    return exitForIds(wanted, foundIds, terminal);
  }
  const done = wanted.length === 0 ? [] : await deliveries[verb](wanted);
  const result = verb === "replay" ? "queued again" : "dropped";
  const counted = `${done.length} ${result}${done.length > 0 ? `: ${done.join(" ")}` : ""}`;
  terminal.out(json ? JSON.stringify({ ids: done }) : counted);
  return exitForIds(wanted, done, terminal);
}

function exitForIds(wanted: readonly number[], found: readonly number[], terminal: Terminal): ExitCode {
  const unknown = wanted.filter((id) => !found.includes(id));
  if (unknown.length === 0) return exitCode.ok;
  const noun = unknown.length === 1 ? "id" : "the ids";
  return exitWith(exitCode.failed, `no refused message has ${noun} ${unknown.join(", ")}`, terminal);
}

/** One line for each delivery. */
function listText(deliveries: readonly DeadDelivery[]): string {
  if (deliveries.length === 0) return "no refused messages";
  return deliveries.map((delivery) => `${deliveryHead(delivery)}  ${excerptOf(delivery)}`).join("\n");
}

/** Every dead part in full. */
function fullText(deliveries: readonly DeadDelivery[]): string {
  const texts = deliveries.map((delivery) => {
    const parts = delivery.parts.map(
      ({ part, reason, body }) => `--- part ${part}, ${reason ?? "other"}\n${refusedText(body)}`,
    );
    return [deliveryHead(delivery), ...parts].join("\n");
  });
  return texts.join("\n\n");
}

function deliveryHead({ id, bot, alerts, settledAt, parts }: DeadDelivery): string {
  const reasons = [...new Set(parts.map(({ reason }) => reason ?? "other"))].join(",");
  return `${id}  ${new Date(settledAt).toISOString()}  bot ${bot}  ${alerts} alert${alerts === 1 ? "" : "s"}  ${reasons}`;
}

function excerptOf({ parts }: DeadDelivery): string {
  const lines = refusedText(parts[0]?.body ?? "").split("\n");
  const line = lines.find((each) => each.trim() !== "") ?? "";
  const characters = [...line];
  return characters.length <= excerptMax ? line : `${characters.slice(0, excerptMax - 1).join("")}…`;
}

/** The body itself when another version wrote it in a kind that this version does not know. */
function refusedText(body: string): string {
  try {
    return messageText(JSON.parse(body) as WecomMessage) ?? body;
  } catch {
    return body;
  }
}
