import { type Alert, type LabelSet, timeFlagsOf } from "../../domain/alert.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import { shortenText } from "../fit/shorten-text.ts";
import type { RenderSettings } from "../settings.ts";
import { clockOf, humanSpan, type StateKind, type Strings, stringsFor } from "./strings.ts";

export type AlertCore = Readonly<ReturnType<typeof coreOf>>;

export type CoreSettings = Readonly<ReturnType<typeof coreSettings>>;

export function coreSettings(delivery: GroupDelivery, { now, language, timezone }: RenderSettings) {
  return {
    now,
    language,
    strings: stringsFor(language),
    clock: clockOf(timezone),
    news: new Map(delivery.routed.group.alerts.map((alert, n) => [alert, delivery.news[n] ?? "new"])),
    recovered: new Set(delivery.recoveredWhileWaiting.flatMap((n) => delivery.routed.group.alerts[n] ?? [])),
    lossy: delivery.routed.group.lossyBody !== null,
  };
}

export function coreOf(alert: Alert, settings: CoreSettings) {
  const severityLabel = severityName(alert.labels);
  return {
    name: alertName(alert.labels, settings.strings),
    severity: severityLabel === null ? "" : labelOf(alert.labels, severityLabel),
    ...texts(alert.annotations, settings.language),
    value: readings(alert),
    ...times(alert, settings),
    caveat: caveat(alert, settings),
    ...state(alert, settings),
    /** Against what this group chat was told before. */
    news: settings.news.get(alert) ?? "new",
    recoveredWhileWaiting: settings.recovered.has(alert),
  };
}

/** Empty for a label that the set does not have. */
export function labelOf(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}

/** The label of the severity: some senders call it `level` or `priority`. */
export function severityName(labels: LabelSet): string | null {
  return ["severity", "level", "priority"].find((name) => labelOf(labels, name) !== "") ?? null;
}

const severityRanks: readonly (readonly string[])[] = [
  ["info", "information", "informational", "notice", "none", "debug", "low", "p4", "p5", "提示", "信息", "通知"],
  ["warning", "warn", "average", "medium", "minor", "p3", "警告", "次要", "一般"],
  ["error", "high", "major", "p2", "重要"],
  ["critical", "crit", "p1", "严重"],
  ["fatal", "emergency", "disaster", "alert", "page", "blocker", "p0", "紧急", "致命", "灾难"],
];

/** The higher, the worse; 0 for an unknown word. */
export function severityRank(severity: string): number {
  return severityRanks.findIndex((words) => words.includes(severity.trim().toLowerCase())) + 1;
}

/** The higher, the earlier in a message: firing before resolved, then the worst severity. */
export function urgencyRank(status: Alert["status"], severity: string): number {
  return (status === "firing" ? 10 : 0) + severityRank(severity);
}

function firstOwn(labels: LabelSet, names: readonly string[]): string {
  return names.map((name) => labelOf(labels, name).trim()).find((text) => text !== "") ?? "";
}

export function alertName(labels: LabelSet, strings: Strings): string {
  const name = labelOf(labels, "alertname");
  return (
    (isReplacedName(labels) && labelOf(labels, "rulename")) || name || labelOf(labels, "rulename") || strings.unnamed
  );
}

/** Grafana sends these in place of the rule's own name. */
function isReplacedName(labels: LabelSet): boolean {
  return ["DatasourceNoData", "DatasourceError"].includes(labelOf(labels, "alertname"));
}

function texts(annotations: LabelSet, language: "zh" | "en") {
  const names = (plain: readonly string[], chinese: string) =>
    language === "zh" ? [chinese, ...plain] : [...plain, chinese];
  const first = firstOwn(annotations, names(["summary"], "summary_cn"));
  const second = firstOwn(annotations, names(["description", "message"], "description_cn"));
  const summary = first === "" ? second : first;
  return { summary, description: second === summary ? "" : second };
}

/** Grafana writes some hundred characters for each value. A longer text is not searched: that takes too long. */
const valueStringMaxChars = 20_000;

/** `A=92.5, B=1`: Grafana's numbers, else those of its text form, else that text. */
function readings(alert: Alert): string {
  const values = Object.entries(alert.values ?? {});
  if (values.length > 0) return values.map(([id, value]) => `${id}=${Number(value.toPrecision(6))}`).join(", ");
  const searched = alert.valueString.length > valueStringMaxChars ? "" : alert.valueString;
  // Each piece from its own `var=` on: one search over the whole text would read the same text again for each value it
  // does not find.
  const pairs = searched.split(/(?=\bvar=')/).flatMap((text) => {
    const found = /^var='([^']*)'.*?\bvalue=(\S+)/.exec(text);
    return found === null ? [] : [`${found[1]}=${found[2]}`];
  });
  if (pairs.length > 0) return pairs.join(", ");
  return alert.valueString || labelOf(alert.annotations, "value");
}

function times(alert: Alert, { clock, now, strings }: CoreSettings) {
  const { startsAt, endsAt } = alert;
  const untilAt = alert.status === "firing" ? now : endsAt;
  const hasSpan = !timeFlagsOf(alert).some((flag) => flag === "ahead" || flag === "reversed");
  return {
    start: startsAt === null ? "" : clock(startsAt),
    end: alert.status === "firing" || endsAt === null ? "" : clock(endsAt),
    duration: startsAt === null || untilAt === null || !hasSpan ? "" : humanSpan(untilAt - startsAt, strings),
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

/** Names of the labels that a message shows as the name and the severity of the alert. */
export function shownAsHeading(labels: LabelSet): ReadonlySet<string> {
  const severity = severityName(labels);
  return new Set([
    "alertname",
    ...(severity === null ? [] : [severity]),
    ...(isReplacedName(labels) ? ["rulename"] : []),
  ]);
}

const notRecoveries = ["Updated", "Paused", "RuleDeleted", "MissingSeries"];

function state(alert: Alert, { strings }: CoreSettings) {
  const reasons = labelOf(alert.annotations, "grafana_state_reason")
    .split(",")
    .map((reason) => reason.trim());
  const kind = stateKind(alert, reasons);
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

function stateKind(alert: Alert, reasons: readonly string[]): StateKind {
  if (alert.status === "resolved")
    return reasons.some((reason) => notRecoveries.includes(reason)) ? "closed" : "recovered";
  const name = labelOf(alert.labels, "alertname");
  if (name === "DatasourceNoData") return "noData";
  return name === "DatasourceError" ? "error" : "firing";
}
