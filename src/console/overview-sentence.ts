// What an operator reads first: one sentence on whether alerts are accepted and delivered, and the same for everything else that is
// wrong. Computed from the last result of storing and the last answers of WeCom, never from a process that merely runs.

import type { Language } from "../domain/message-kind.ts";
import { type BotSummary, type FailureTimes, type OverviewStrings, overviewStrings } from "./overview-strings.ts";
import {
  type BotStatus,
  type Overview,
  type OverviewProblem,
  overviewCodes,
  type ServiceFacts,
  type StorageFailureStatus,
} from "./status.ts";
import { statusStrings } from "./status-strings.ts";

export interface OverviewReader {
  readonly language: Language;
  /** An IANA name. */
  readonly timezone: string;
  /** The machine's clock, when the status was read. */
  readonly wallAt: number;
}

export function overviewOf(status: ServiceFacts, reader: OverviewReader): Overview {
  const problems = [...storageProblems(status, reader), ...botProblems(status, reader), ...ownProblems(status, reader)];
  const level = problems.some((problem) => problem.level === "bad") ? "bad" : problems.length > 0 ? "warn" : "ok";
  const sorted = problems.toSorted((a, b) => rank(a) - rank(b));
  return { level, sentence: sorted[0]?.text ?? allIsWell(status, overviewStrings[reader.language]), problems: sorted };
}

function rank({ code, level }: OverviewProblem): number {
  return overviewCodes.indexOf(code) + (level === "bad" ? 0 : overviewCodes.length);
}

function allIsWell({ bots }: ServiceFacts, strings: OverviewStrings): string {
  const queued = bots.reduce((sum, { notifications }) => sum + (notifications ?? 0), 0);
  if (queued > 0) return strings.delivering(queued);
  return bots.every(({ sentMsAgo }) => sentMsAgo === null) ? strings.untried : strings.idle;
}

function storageProblems({ storage, bots }: ServiceFacts, reader: OverviewReader): readonly OverviewProblem[] {
  const strings = overviewStrings[reader.language];
  const { failures } = storage;
  const ofAll = failures.find(({ part }) => part === "database") ?? failures.find(({ part }) => part === "webhooks");
  const deliveries = failures.find(({ part }) => part === "deliveries");
  const problems: OverviewProblem[] = [];
  if (ofAll !== undefined) {
    const text = strings.webhooksRejected(strings.storageReasons[ofAll.reason], timesOf(ofAll, reader));
    problems.push({ code: "webhooksRejected", level: "bad", text });
  } else if (!storage.answers) {
    problems.push({ code: "webhooksRejected", level: "bad", text: strings.noAnswer(storage.engine) });
  }
  if (deliveries !== undefined && deliveries.reason !== ofAll?.reason) {
    const text = strings.notRecorded(strings.storageReasons[deliveries.reason], timesOf(deliveries, reader));
    problems.push({ code: "deliveriesNotRecorded", level: "bad", text });
  }
  const full = failures.filter(({ part }) => part === "backlog");
  const [first] = full.toSorted((a, b) => b.sinceMsAgo - a.sinceMsAgo);
  if (first !== undefined) {
    const names = namesOf(
      full.flatMap(({ bot }) => bot ?? []),
      bots.length,
      strings,
    );
    problems.push({ code: "webhooksRejected", level: "bad", text: strings.backlogFull(names, timesOf(first, reader)) });
  }
  return problems;
}

/** A backlog that is older than this is worth a sentence even while it is being delivered: it is what the rule WecomAlertsLate waits for. */
const lateMs = 300_000;

function botProblems({ bots }: ServiceFacts, reader: OverviewReader): readonly OverviewProblem[] {
  const strings = overviewStrings[reader.language];
  const { reasons, span } = statusStrings[reader.language];
  const inState = (state: BotStatus["state"]) => bots.filter((bot) => bot.state === state);
  const problem = (
    code: OverviewProblem["code"],
    level: OverviewProblem["level"],
    [affected, textOf]: readonly [readonly BotStatus[], (summary: BotSummary) => string],
  ): readonly OverviewProblem[] => {
    if (affected.length === 0) return [];
    const [reason] = affected.flatMap((bot) => bot.reasons);
    const oldestMs = Math.max(0, ...affected.map((bot) => bot.oldestMs ?? 0));
    const summary = {
      bots: namesOf(
        affected.map(({ bot }) => bot),
        bots.length,
        strings,
      ),
      queued: sumOf(affected, "notifications"),
      dead: sumOf(affected, "dead"),
      oldest: span(oldestMs),
      reason: reason === undefined ? null : reasons[reason],
    };
    return [{ code, level, text: textOf(summary) }];
  };
  const retrying = inState("retrying");
  const isLate = ({ oldestMs }: BotStatus) => (oldestMs ?? 0) > lateMs;
  const slow = [...inState("delivering"), ...inState("waiting")].filter(isLate);
  return [
    ...problem("keysRejected", "bad", [inState("allKeysRejected"), strings.keysRejected]),
    ...problem("dead", "bad", [bots.filter(({ dead }) => (dead ?? 0) > 0), strings.dead]),
    ...problem("unconfigured", "bad", [inState("unconfigured"), strings.unconfigured]),
    ...problem("retrying", retrying.some(isLate) ? "bad" : "warn", [retrying, strings.retrying]),
    ...problem("late", "warn", [slow, strings.late]),
    ...problem("someKeysRejected", "warn", [inState("someKeysRejected"), strings.someKeysRejected]),
  ];
}

function sumOf(bots: readonly BotStatus[], count: "notifications" | "dead"): number {
  return bots.reduce((sum, bot) => sum + (bot[count] ?? 0), 0);
}

function ownProblems({ ready, config }: ServiceFacts, { language }: OverviewReader): readonly OverviewProblem[] {
  const { refused, configsDiffer, stopping } = overviewStrings[language];
  const hashes = new Set(config.replicas.map(({ configHash }) => configHash));
  return [
    ...(config.refusedIssues === 0
      ? []
      : [{ code: "configRefused", level: "bad", text: refused(config.refusedIssues) } as const]),
    ...(hashes.size < 2
      ? []
      : [{ code: "configsDiffer", level: "warn", text: configsDiffer(config.replicas.length) } as const]),
    ...(ready ? [] : [{ code: "stopping", level: "warn", text: stopping } as const]),
  ];
}

const mostNames = 3;

/** The first ones, and how many there are. */
function namesOf(names: readonly string[], all: number, strings: OverviewStrings): string {
  if (names.length === all && all > 1) return strings.allBots(all);
  const shown = names.slice(0, mostNames).join(strings.comma);
  return names.length > mostNames ? strings.more(shown, names.length) : shown;
}

function timesOf({ sinceMsAgo, lastMsAgo }: StorageFailureStatus, { timezone, wallAt }: OverviewReader): FailureTimes {
  // Swedish has ISO 8601's order of numbers.
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
  const today = format.format(wallAt).slice(0, 10);
  const shown = (msAgo: number) => format.format(wallAt - msAgo).replace(`${today} `, "");
  const [since, last] = [shown(sinceMsAgo), shown(lastMsAgo)];
  return { since, last: last === since ? null : last };
}
