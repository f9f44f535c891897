// `history`: what became of alerts. It asks the running service.

import { readDuration } from "../config/fields.ts";
import { inQuotes } from "../config/in-quotes.ts";
import { alertOutcomes } from "../domain/history.ts";
import type { HistoryAnswer, HistoryEntryAnswer, SenderAnswer } from "../domain/history-answer.ts";
import { rowOf } from "../wecom/errcode.ts";
import { type Command, exitCode, exitWith } from "./command.ts";
import type { CommandFlags } from "./flags.ts";
import { serviceClient, serviceFlags } from "./service-client.ts";

/** Senders that an answer without alerts names. */
const sendersShown = 5;

export const historyCommand: Command = {
  name: "history",
  operands: "[TEXT]",
  help: "what became of the alerts with this text in their labels: sent, waiting, rejected, a copy, not sent, or never received",
  flags: {
    ...serviceFlags,
    since: { help: "how far back, like 30m or 2d; or a time like 2026-11-30T03:00:00+08:00", fallback: "1h" },
    until: { help: "the end of the time searched, written as --since; without it, now" },
    bot: { help: "only of this bot" },
    outcome: { help: "only this one", choices: alertOutcomes },
    limit: { help: "most alerts, up to 1000", fallback: "100" },
    json: { help: "prints the JSON of the service", isSwitch: true },
  },
  async run(flags, terminal) {
    const now = Date.now();
    const [from, to] = [timeOf(flags.values.get("since") ?? "", now), timeOf(flags.values.get("until") ?? "0s", now)];
    if (from === null || to === null) {
      const message = "--since and --until: write a span like 30m or 2d, or a time like 2026-11-30T03:00:00+08:00";
      return exitWith(exitCode.usage, message, terminal);
    }
    const search = searchOf(flags, { from, to: flags.values.has("until") ? to : null });
    const answer = (await serviceClient(flags, terminal.env)(`/api/v1/history?${search}`)) as HistoryAnswer;
    if (flags.values.has("json")) terminal.out(JSON.stringify(answer, null, 2));
    else terminal.out(answer.entries.length === 0 ? emptyText(flags, { from, to }, answer.senders) : fullText(answer));
    return exitCode.ok;
  },
};

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** Null when it is neither a span nor a time with a zone. */
function timeOf(text: string, now: number): Date | null {
  const backMs = readDuration(text);
  if (backMs !== null) return new Date(now - backMs);
  const at = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at);
}

function searchOf({ operands, values }: CommandFlags, { from, to }: { readonly from: Date; readonly to: Date | null }) {
  const search = new URLSearchParams({ q: operands.join(" "), from: from.toISOString() });
  if (to !== null) search.set("to", to.toISOString());
  for (const name of ["bot", "outcome", "limit"]) {
    const value = values.get(name);
    if (value !== undefined) search.set(name, value);
  }
  return search;
}

function emptyText({ operands, values }: CommandFlags, { from, to }: Span, senders: readonly SenderAnswer[]): string {
  const what = operands.length === 0 ? "an alert" : `an alert with ${inQuotes(operands.join(" "))} in its labels`;
  const narrowed = values.has("bot") || values.has("outcome") ? " that matches --bot and --outcome" : "";
  const none = `no webhook had ${what}${narrowed} from ${localTime(from)} to ${localTime(to)}`;
  if (senders.length === 0) return `${none}\nno sender has posted a webhook yet`;
  const more = senders.length > sendersShown ? [`  … ${senders.length - sendersShown} more: --json`] : [];
  return [none, "senders, the last one first:", ...senders.slice(0, sendersShown).map(senderLine), ...more].join("\n");
}

function senderLine({ sender, receiver, source, ...seen }: SenderAnswer): string {
  const name = receiver === "" ? sender : `${sender}, ${source} receiver ${inQuotes(receiver)}`;
  const posted = seen.last_posted_at === null ? "never posted" : `posted last at ${localTime(seen.last_posted_at)}`;
  const refused =
    seen.last_refused_at === null ? "" : `; refused last at ${localTime(seen.last_refused_at)}: ${seen.last_refusal}`;
  return printable(`  ${name}: ${posted}${refused}`);
}

/** Senders write labels and their own names; a terminal would act on control characters. */
function printable(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

function fullText({ entries, next }: HistoryAnswer): string {
  const more = next === null ? [] : [`more than ${entries.length} alerts: narrow the search, or raise --limit`];
  return [...entries.map(entryText), ...more].join("\n\n");
}

function entryText(entry: HistoryEntryAnswer): string {
  const { alert, details, mentions } = entry;
  const labels = Object.entries(alert.labels).filter(([name]) => name !== "alertname");
  const pairs = labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const by = details.receiver === "" ? "" : `, receiver ${inQuotes(details.receiver)}`;
  const lines = [
    pairs.join(" "),
    details.notice,
    `received ${localTime(entry.received_at)} from ${entry.sender}${by}, ${entry.route}`,
    endText(entry),
    mentions.mentioned.length > 0 ? `mentioned: ${mentions.mentioned.join(", ")}` : "",
    mentions.not_found.length > 0 ? `not mentioned, not in people: ${mentions.not_found.join(", ")}` : "",
    ...details.template_failures.map(({ template, message }) => `template ${template} failed: ${message}`),
    ...details.failed_attempts.map(attemptText),
    entry.flags.length > 0 ? `flags: ${entry.flags.join(" ")}` : "",
  ];
  const head = `${entry.outcome}  ${alert.name === "" ? "(no alertname)" : alert.name}  ${details.status}`;
  return [head, ...lines.filter((line) => line !== "").map((line) => `  ${line}`)].map(printable).join("\n");
}

function endText(entry: HistoryEntryAnswer): string {
  const { outcome, mode, bot, delivery_id: id, flags, details } = entry;
  const at = localTime(details.ended_at ?? entry.received_at);
  const shown = mode === "full" || mode === null ? "" : ` as ${mode}`;
  switch (outcome) {
    case "delivered":
      return `sent ${at} to bot ${bot}${shown}, delivery ${id}`;
    case "waiting":
      return `waits for bot ${bot}${id === null ? "" : `, delivery ${id}`}`;
    case "dead":
      return `rejected by WeCom ${at}, bot ${bot}, delivery ${id}${replayText(details.replayed_at)}`;
    case "duplicate":
      return `a copy of what was received ${localTime(details.duplicate_of ?? entry.received_at)}, bot ${bot}`;
    case "dropped":
      return `dropped by an operator ${at}, bot ${bot}, delivery ${id}`;
    case "not_sent":
      return `not sent${bot === "" ? "" : ` to bot ${bot}`}: ${flags.map((flag) => unsentReasons[flag] ?? "").join("")}`;
  }
}

function replayText(at: string | null): string {
  return at === null ? "; see dead show" : `; sent again by an operator ${localTime(at)}`;
}

const unsentReasons: Readonly<Record<string, string>> = {
  route_drop: "its route says drop: true",
  send_resolved_false: "it has recovered, and its route says send_resolved: false",
  reminder: "it did not change, and was sent less than 4 h before",
};

function attemptText({ answered_at, part, reason, errcode }: HistoryEntryAnswer["details"]["failed_attempts"][number]) {
  const meaning = errcode === null ? undefined : rowOf(errcode, "")?.meaning;
  const answer = errcode === null ? "no readable answer" : `errcode ${errcode}`;
  return `attempt ${localTime(answered_at)}, part ${part}: ${reason}, ${answer}${meaning === undefined ? "" : `, ${meaning}`}`;
}

/** In the zone of the terminal, with its offset. */
function localTime(time: string | Date): string {
  const at = new Date(time);
  const offset = -at.getTimezoneOffset();
  const shifted = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19).replace("T", " ");
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const padded = (n: number) => String(n).padStart(2, "0");
  return `${shifted}${offset < 0 ? "-" : "+"}${padded(hours)}:${padded(minutes)}`;
}
