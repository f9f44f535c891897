import { type Alert, timeFlagsOf } from "../../domain/alert.ts";
import type { DisplaySettings } from "../../domain/display.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import type { Recovery } from "../../domain/recovery.ts";
import { severityLevel } from "../../domain/severity.ts";
import { shortenText } from "../fit/shorten-text.ts";
import { cleanLine } from "../markup/escape.ts";
import type { RenderSettings } from "../settings.ts";
import { findTexts, findValue, stateReasonName } from "./annotations.ts";
import { alertName, labelOf, severityName } from "./labels.ts";
import { grafanaReadings, listReadings } from "./readings.ts";
import { type StateKind, stringsFor } from "./strings.ts";
import { alertSubject } from "./subject.ts";
import { clockOf, hasSpan, humanSpan } from "./times.ts";

export type AlertCore = Readonly<ReturnType<typeof coreOf>>;

export type CoreSettings = Readonly<ReturnType<typeof coreSettings>>;

export function coreSettings(delivery: GroupDelivery, settings: RenderSettings) {
  const { now, language, timezone, severities, display } = settings;
  const { alerts } = delivery.routed.group;
  return {
    now,
    language,
    severities,
    strings: stringsFor(language),
    clock: clockOf(timezone),
    news: unusual(alerts, delivery.news, "new"),
    recoveries: delivery.recoveries,
    recovered: new Set(delivery.recoveredWhileWaiting.flatMap((n) => alerts[n] ?? [])),
    acknowledged: unusual(alerts, delivery.acknowledgedBy, ""),
    lossy: delivery.routed.group.lossyBody !== null,
    display,
    groupLabels: delivery.routed.group.groupLabels,
    plumbingNames: new Map<string, boolean>(),
  };
}

/** The values that differ from the usual one, by alert. */
function unusual<Value>(alerts: readonly Alert[], values: readonly Value[], usual: Value): ReadonlyMap<Alert, Value> {
  return new Map(
    alerts.flatMap((alert, n) => {
      const value = values[n] ?? usual;
      return value === usual ? [] : [[alert, value] as const];
    }),
  );
}

export function coreOf(alert: Alert, settings: CoreSettings) {
  const { labels, annotations } = alert;
  const severityLabel = severityName(labels);
  const severity = severityLabel === null ? "" : labelOf(labels, severityLabel);
  const found = findTexts(annotations, settings.language);
  const [summary, second] = found.summary.text === "" ? [found.description.text, ""] : textsOf(found);
  const { mark, rank, severityWord } = shownSeverity(severity, settings);
  const { stateKind, stateWord, stateReason } = state(alert, settings);
  const recovery = settings.recoveries.get(alert.identity) ?? null;
  const { start, end, duration } = times(alert, settings);
  const endMark = stateKind === "recovered" ? "✅" : "☑️";
  return {
    name: alertName(labels, settings.strings),
    severity,
    rank,
    severityWord,
    /** Of its severity while it fires. */
    mark: alert.status === "firing" ? mark : shownMark(endMark, settings.display),
    subject: alertSubject(labels, settings).text,
    /** Against what this group chat was sent before. */
    news: settings.news.get(alert) ?? "new",
    summary,
    description: second,
    value: readingsText(alert),
    start,
    end,
    duration,
    caveat: caveat(alert, settings),
    stateKind,
    stateWord,
    stateReason,
    /** What a datasource says of its recovery; empty where it is not known. */
    recovery: alert.status === "resolved" && recovery !== null ? recoveryText(recovery, settings) : "",
    recoveredWhileWaiting: settings.recovered.has(alert),
    acknowledgedBy: settings.acknowledged.get(alert) ?? "",
  };
}

function textsOf({ summary, description }: ReturnType<typeof findTexts>): readonly [string, string] {
  return [summary.text, description.text === summary.text ? "" : description.text];
}

export interface SeverityLook {
  /** The higher, the worse. */
  readonly rank: number;
  /** Empty when the config wants no marks. */
  readonly mark: string;
  readonly severityWord: string;
}

type LookSettings = Pick<CoreSettings, "severities" | "display" | "language" | "strings">;

function shownSeverity(sent: string, { severities, display, language, strings }: LookSettings): SeverityLook {
  const { rank, mark, word } = severityLevel(sent, severities);
  const translated = display.severityWords === "translated" ? (word?.[language] ?? sent) : sent;
  return { rank, mark: shownMark(mark, display), severityWord: cleanLine(translated) || strings.alert };
}

function shownMark(mark: string, display: DisplaySettings): string {
  return display.marks === "emoji" ? mark : "";
}

/** The higher, the earlier in a message: firing before resolved, news before what is unchanged, then the worst. */
export function urgencyRank(status: Alert["status"], { rank, news }: Pick<AlertCore, "rank" | "news">): number {
  return (news === "unchanged" ? 0 : 20) + (status === "firing" ? 10 : 0) + rank;
}

/** Grafana's numbers, else its text form as it is, else the annotation `value`. */
function readingsText(alert: Alert): string {
  return listReadings(grafanaReadings(alert)) || alert.valueString || findValue(alert.annotations).text;
}

function times(alert: Alert, { clock, now, strings }: CoreSettings) {
  const { startsAt, endsAt } = alert;
  const untilAt = alert.status === "firing" ? now : endsAt;
  return {
    start: startsAt === null ? "" : clock(startsAt),
    end: alert.status === "firing" || endsAt === null ? "" : clock(endsAt),
    duration: startsAt === null || untilAt === null || !hasSpan(alert) ? "" : humanSpan(untilAt - startsAt, strings),
  };
}

const unreadTimeMaxBytes = 64;

/** What a reader has to know about the text and the times of the alert; empty for most. */
function caveat(alert: Alert, { lossy, strings }: CoreSettings): string {
  const { caveats, listMark } = strings;
  const unread = alert.unreadTimes.map((time) => shortenText(time, unreadTimeMaxBytes, strings));
  const flags = timeFlagsOf(alert).map((flag) =>
    flag === "unread" ? caveats.unread(unread.join(listMark)) : caveats[flag],
  );
  return [...(lossy ? [caveats.lossy] : []), ...flags].join(listMark);
}

const notRecoveries = ["Updated", "Paused", "RuleDeleted", "MissingSeries"];

function state(alert: Alert, settings: CoreSettings) {
  const { strings } = settings;
  const sent = labelOf(alert.annotations, stateReasonName);
  const reasons = sent === "" ? [] : sent.split(",").map((reason) => reason.trim());
  const kind = stateKind(alert, reasons, settings);
  const stateReason = reasons.map((reason) =>
    Object.hasOwn(strings.reasons, reason) ? strings.reasons[reason] : reason,
  );
  const stateWord = strings.states[kind];
  return {
    stateKind: kind,
    stateWord,
    stateReason: stateReason.filter((text) => text !== stateWord).join(strings.listMark),
  };
}

function recoveryText(recovery: Recovery, { clock, now, strings }: CoreSettings): string {
  if (recovery.kind === "gone") return strings.recoveries.gone;
  const [today, at] = [clock(now), clock(recovery.at)];
  const day = "2006-01-02 ".length;
  const time = at.slice(0, day) === today.slice(0, day) ? at.slice(day) : at;
  return strings.recoveries[recovery.isBreaching ? "breaching" : "value"](recovery.value, recovery.thresholds, time);
}

function stateKind(alert: Alert, reasons: readonly string[], { recoveries }: CoreSettings): StateKind {
  if (alert.status === "resolved") {
    const isClosed = reasons.some((reason) => notRecoveries.includes(reason));
    return isClosed || recoveries.get(alert.identity)?.kind === "gone" ? "closed" : "recovered";
  }
  const name = labelOf(alert.labels, "alertname");
  if (name === "DatasourceNoData") return "noData";
  return name === "DatasourceError" ? "error" : "firing";
}
