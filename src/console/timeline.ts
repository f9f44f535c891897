// One alert of one webhook as a page shows it: what became of it, and every step on the way.

import type { AlertOutcome, HistoryEntry } from "../domain/history.ts";
import { senderText } from "../domain/history-answer.ts";
import type { Person } from "../domain/notification.ts";
import { maskSecrets } from "../observe/mask.ts";
import type { HistoryStrings } from "./history-strings.ts";
import type { Visit } from "./page.ts";
import { asTyped, nameOf } from "./routing.ts";
import type { OverviewLevel } from "./status.ts";
import type { Times } from "./times.ts";

export interface EntryContext {
  readonly times: Times;
  readonly people: ReadonlyMap<string, Person>;
}

export interface EntryRow {
  readonly name: string;
  readonly isResolved: boolean;
  readonly level: OverviewLevel | "soft";
  readonly outcome: string;
  readonly at: string;
  readonly bot: string;
  readonly labels: string;
  /** Worth a look although the alert arrived. */
  readonly caveats: readonly string[];
  readonly steps: readonly Step[];
  readonly deliveryId: number | null;
  readonly isDead: boolean;
}

interface Step {
  readonly at: string | null;
  readonly level: OverviewLevel | "soft" | "";
  readonly text: string;
  /** Labels for the page that tries routes; null for other steps. */
  readonly routing: string | null;
}

const levels: Readonly<Record<AlertOutcome, OverviewLevel | "soft">> = {
  delivered: "ok",
  waiting: "warn",
  dead: "bad",
  duplicate: "soft",
  dropped: "warn",
  not_sent: "soft",
};

export function entryRow(entry: HistoryEntry, { strings }: Visit, context: EntryContext): EntryRow {
  const { alert, outcome, mode, flags, mentions } = entry;
  const { history } = strings;
  const form = mode === null ? "" : history.modes[mode];
  return {
    name: alert.labels.alertname ?? asTyped(alert.labels),
    isResolved: alert.status === "resolved",
    level: levels[outcome],
    outcome: history.outcomes[outcome] + (form === "" ? "" : ` · ${form}`),
    at: context.times.at(entry.receivedAt),
    bot: entry.bot,
    labels: maskSecrets(asTyped(alert.labels)),
    caveats: [
      ...(entry.routed.notice === "" ? [] : [entry.routed.notice]),
      ...flags.filter((flag) => flag !== "urgent").map((flag) => history.flags[flag]),
      ...(mentions.notFound.length > 0 ? [history.notFound(mentions.notFound.join(strings.comma))] : []),
    ],
    steps: stepsOf(entry, strings.history, { ...context, comma: strings.comma, reasons: strings.status.reasons }),
    deliveryId: entry.deliveryId,
    isDead: outcome === "dead",
  };
}

interface StepContext extends EntryContext {
  readonly comma: string;
  readonly reasons: Visit["strings"]["status"]["reasons"];
}

function stepsOf(entry: HistoryEntry, strings: HistoryStrings, context: StepContext): readonly Step[] {
  const { times, comma, people, reasons } = context;
  const { outcome, routed, mentions, duplicateOfAt } = entry;
  const step = (text: string, more: Partial<Step> = {}): Step => ({
    at: null,
    level: "",
    routing: null,
    text,
    ...more,
  });
  const { receiver } = routed.group;
  const from = [senderText(entry.sender), ...(receiver === "" ? [] : [strings.receiver(receiver)])].join(comma);
  const names = (given: readonly string[]) => given.join(comma);
  const isOnItsWay = outcome !== "duplicate";
  return [
    step(strings.received(from), { at: times.at(entry.receivedAt) }),
    ...(outcome !== "duplicate"
      ? []
      : [step(duplicateOfAt === null ? strings.duplicate : strings.duplicateOf(times.at(duplicateOfAt)))]),
    step(entry.bot === "" ? strings.routedNowhere(entry.route) : strings.routed(entry.route, entry.bot), {
      routing: encodeURIComponent(asTyped(entry.alert.labels)),
    }),
    ...(isOnItsWay ? planSteps(entry, strings).map((text) => step(text)) : []),
    ...entry.templateFailures.map(({ template, message }) =>
      step(maskSecrets(strings.templateFailed(template, message)), { level: "warn" }),
    ),
    ...entry.failedAttempts.map(({ answeredAt, part, reason, errcode }) => {
      const code = errcode === null ? reason : `${reason}${comma}errcode ${errcode}`;
      return step(strings.attempt(part, `${reasons[reason]} (${code})`), { at: times.at(answeredAt), level: "warn" });
    }),
    ...(mentions.mentioned.length === 0
      ? []
      : [step(strings.mentioned(names(mentions.mentioned.map((address) => nameOf(address, people)))))]),
    ...(mentions.notFound.length === 0 ? [] : [step(strings.notFound(names(mentions.notFound)), { level: "bad" })]),
    ...entry.flags.map((flag) => step(strings.flags[flag], { level: flag === "urgent" ? "" : "warn" })),
    ...(strings.ends[outcome] === ""
      ? []
      : [
          step(strings.ends[outcome], {
            at: entry.endedAt === null ? null : times.at(entry.endedAt),
            level: levels[outcome],
          }),
        ]),
    ...(entry.replayedAt === null ? [] : [step(strings.replayed, { at: times.at(entry.replayedAt) })]),
  ];
}

/** How it waited for its turn. */
function planSteps({ outcome, mode, deliveryId }: HistoryEntry, strings: HistoryStrings): readonly string[] {
  if (deliveryId === null) return outcome === "waiting" ? [strings.waits] : [];
  const planned = {
    full: strings.planned,
    digest: strings.digest,
    file: strings.file,
    late: strings.late,
  };
  return [planned[mode ?? "full"](deliveryId)];
}
