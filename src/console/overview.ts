// The first page: whether alerts arrive, in one sentence and one for everything else that is wrong, then each bot, those with a problem
// first.

import type { SenderSeen } from "../domain/sender.ts";
import { type OverviewReader, overviewOf } from "./overview-sentence.ts";
import type { Page, Visit } from "./page.ts";
import { senderRows } from "./senders.ts";
import type { BotState, BotStatus, OnCallStatus, OverviewLevel, ServiceFacts } from "./status.ts";
import type { ConsoleStrings } from "./strings.ts";
import { timesIn } from "./times.ts";

const levels: Readonly<Record<BotState, OverviewLevel>> = {
  idle: "ok",
  delivering: "ok",
  waiting: "warn",
  retrying: "warn",
  someKeysRejected: "warn",
  allKeysRejected: "bad",
  unconfigured: "bad",
  unknown: "warn",
};

/** What waits for somebody comes before what is lost already. */
const worstFirst: readonly BotState[] = [
  "allKeysRejected",
  "unconfigured",
  "retrying",
  "unknown",
  "someKeysRejected",
  "waiting",
  "delivering",
  "idle",
];

export interface OverviewPageOptions extends Omit<OverviewReader, "language"> {
  /** The instant `wallAt` by the outbox's clock. */
  readonly outboxNow: number;
  /** Null when the storage does not answer. */
  readonly senders: readonly SenderSeen[] | null;
}

const sendersShown = 20;

export function overviewPage(visit: Visit, status: ServiceFacts, { senders, ...reader }: OverviewPageOptions): Page {
  const { strings, language } = visit;
  const times = timesIn({ ...reader, now: reader.wallAt });
  const { level, sentence, problems } = overviewOf(status, { ...reader, language });
  const rank = ({ state, dead }: BotStatus) =>
    worstFirst.indexOf(state) +
    (levels[state] === "bad" ? 0 : (dead ?? 0) > 0 ? worstFirst.length : 2 * worstFirst.length);
  const bots = status.bots.toSorted((a, b) => rank(a) - rank(b));
  return {
    view: "overview",
    title: strings.overview,
    model: {
      level,
      sentence,
      others: problems.slice(1),
      demo: status.demo,
      up: strings.up(strings.status.span(status.uptimeMs)),
      bots: bots.map((bot) => botCard(bot, strings)),
      onCall: status.onCall.map((one) => onCallRow(one, visit, (ms) => times.minute(reader.outboxNow + ms))),
      senders: senders === null ? null : { senders: senderRows(senders, visit, times).slice(0, sendersShown) },
      shared: status.storage.engine === "postgres",
    },
  };
}

function onCallRow(
  { rotation, who, endsInMs, next }: OnCallStatus,
  { strings }: Visit,
  minuteIn: (ms: number) => string,
) {
  const until = endsInMs === null ? null : strings.until(minuteIn(endsInMs));
  return { rotation, now: until === null ? who : `${who}${strings.comma}${until}`, next };
}

function botCard(status: BotStatus, strings: ConsoleStrings) {
  const { bot, state, notifications, oldestMs, freeSlots, windowSlots, dead, sentMsAgo } = status;
  const { span, states } = strings.status;
  const isConfigured = state !== "unconfigured";
  return {
    bot,
    path: encodeURIComponent(bot),
    level: (dead ?? 0) > 0 ? "bad" : levels[state],
    stateLevel: levels[state],
    isConfigured,
    state: states[state],
    reasons: reasonsOf(status, strings),
    notifications: notifications ?? "–",
    oldest: oldestMs === null ? null : span(oldestMs),
    dead: dead ?? 0,
    refused: strings.refusedMessages(dead ?? 0),
    sent: sentMsAgo === null ? strings.never : strings.ago(span(sentMsAgo)),
    freeSlots,
    isKnown: freeSlots !== null,
    windowSlots,
    keys: keysOf(status, strings),
    mayRetry: state === "retrying" || state === "someKeysRejected" || state === "allKeysRejected",
  } as const;
}

/** The code of a reason stands beside its text: errors.md and the metrics have it. */
function reasonsOf({ state, readyInMs, reasons }: BotStatus, { status }: ConsoleStrings): readonly string[] {
  const texts = state === "idle" ? [] : reasons.map((reason) => `${status.reasons[reason]} (${reason})`);
  if (readyInMs === null || readyInMs === 0) return texts;
  const span = status.span(readyInMs);
  if (state === "allKeysRejected") return [...texts, status.nextCheckIn(span)];
  if (state === "retrying") return [...texts, status.nextRetryIn(span)];
  return state === "waiting" ? [...texts, status.nextMessageIn(span)] : texts;
}

function keysOf({ keys, workingKeys, untriedKeys }: BotStatus, strings: ConsoleStrings): string {
  const rejected = keys - workingKeys - untriedKeys;
  return [
    ...(workingKeys > 0 ? [strings.keysWork(workingKeys)] : []),
    ...(untriedKeys > 0 ? [strings.keysUntried(untriedKeys)] : []),
    ...(rejected > 0 ? [strings.keysRejected(rejected)] : []),
  ].join(strings.comma);
}
