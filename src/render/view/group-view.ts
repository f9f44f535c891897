// The group as templates see it: its alerts in reading order, what is the same in every part (`GroupFacts`), and the
// view of a part with a run of its alerts. The order of the fields is the order of docs/templates.md.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import type { Delivery, GroupDelivery } from "../../domain/notification.ts";
import { wire } from "../../go-text/template-values.ts";
import type { RenderSettings } from "../settings.ts";
import {
  alertName,
  type CoreSettings,
  coreSettings,
  labelOf,
  severityName,
  severityRank,
  shownAsHeading,
  urgencyRank,
} from "./alert-core.ts";
import { type AlertView, type NameValue, viewAlert, withDifferingLinks } from "./alert-view.ts";
import { highlightsOf } from "./chosen-labels.ts";
import { groupLinks, linkTo } from "./links.ts";
import { clockOf, humanSpan, type StateKind, type Strings, stringsFor } from "./strings.ts";

/** A run of alerts, as one message of a delivery shows them. */
export interface RunView<Shown> {
  readonly alerts: readonly Shown[];
  readonly firing: readonly Shown[];
  readonly resolved: readonly Shown[];
  readonly part: { readonly number: number; readonly total: number; readonly first: boolean };
  readonly mentions: readonly string[];
  readonly unmentioned: string;
}

interface RunPlace {
  readonly number: number;
  readonly total: number;
  readonly mentions: { readonly users: readonly string[]; readonly unmentioned: string };
}

export function viewRun<Shown extends { readonly status: Alert["status"] }>(
  alerts: readonly Shown[],
  { number, total, mentions }: RunPlace,
): RunView<Shown> {
  return {
    alerts,
    firing: alerts.filter((alert) => alert.status === "firing"),
    resolved: alerts.filter((alert) => alert.status === "resolved"),
    part: { number, total, first: number === 1 },
    mentions: mentions.users,
    unmentioned: mentions.unmentioned,
  };
}

/** What is the same in every part. */
export type GroupFacts = Views["facts"];

export interface GroupView extends GroupFacts, RunView<AlertView> {
  readonly [wire]: (view: GroupView) => object;
}

export function viewGroup(facts: GroupFacts, alerts: readonly AlertView[], place: RunPlace): GroupView {
  return { ...facts, ...viewRun(alerts, place), [wire]: webhookBody };
}

/** All alerts in one message that mentions no one itself. */
export function viewWholeGroup({ facts, alerts }: Views): GroupView {
  return viewGroup(facts, alerts, { number: 1, total: 1, mentions: { users: [], unmentioned: "" } });
}

/** Alertmanager's webhook body, with the alerts of this run. */
function webhookBody(view: GroupView): object {
  return {
    receiver: view.receiver,
    status: view.status,
    alerts: view.alerts,
    groupLabels: view.groupLabels,
    commonLabels: view.commonLabels,
    commonAnnotations: view.commonAnnotations,
    externalURL: view.externalURL,
    groupKey: view.groupKey,
    truncatedAlerts: view.truncatedAlerts,
    ...(view.notificationReason === "" ? {} : { notificationReason: view.notificationReason }),
    ...(Object.keys(view.routeLabels).length === 0 ? {} : { routeLabels: view.routeLabels }),
    ...(view.title === "" ? {} : { title: view.title }),
    ...(view.message === "" ? {} : { message: view.message }),
  };
}

export type Views = Readonly<ReturnType<typeof prepareViews>>;

/** Above this many alerts a message shows no links of single alerts: they would be most of it. */
const compactAbove = 3;

/** The alerts: news first, then firing before resolved, then the worst severity, then as they were sent. */
export function prepareViews(delivery: GroupDelivery, settings: RenderSettings) {
  const { group } = delivery.routed;
  const core = coreSettings(delivery, settings);
  const { strings } = core;
  const seen = inReadingOrder(group.alerts, core).map((alert) => viewAlert(alert, group, core));
  const links = groupLinks(
    group,
    seen.map((alert) => alert.links),
    strings,
  );
  const alerts = seen.map((alert) => withDifferingLinks(alert, links));
  const facts = {
    ...senderFacts(group),
    ...names(group, alerts, strings),
    ...shared(alerts),
    ...counts(alerts, strings),
    picture: alerts.find((alert) => alert.picture !== "")?.picture ?? "",
    links,
    linkTo: linkTo(links),
    reminder: delivery.news.every((news) => news === "unchanged"),
    late: lateText(delivery, settings),
    truncated: group.truncatedAlerts > 0 ? strings.truncated(group.truncatedAlerts) : "",
    compact: alerts.length > compactAbove,
  };
  return { facts, alerts };
}

/** Empty for a delivery that is not late. */
export function lateText({ late, acceptedAt }: Delivery, { now, timezone, language }: RenderSettings): string {
  const strings = stringsFor(language);
  return late ? strings.late(humanSpan(now - acceptedAt, strings), clockOf(timezone)(acceptedAt)) : "";
}

function inReadingOrder(alerts: readonly Alert[], { news }: CoreSettings): readonly Alert[] {
  const rank = ({ status, labels }: Alert) => urgencyRank(status, labelOf(labels, severityName(labels) ?? ""));
  const isOld = (alert: Alert) => Number(news.get(alert) === "unchanged");
  return alerts.toSorted((a, b) => isOld(a) - isOld(b) || rank(b) - rank(a));
}

function senderFacts({ source: _source, alerts: _alerts, lossyBody: _lossyBody, ...sent }: AlertGroup) {
  return {
    ...sent,
    externalURL: sent.externalURL ?? "",
    notificationReason: sent.notificationReason ?? ("" as const),
    /** The common labels under a short name, for `mention.users: ["{{labels.owner}}"]`. */
    labels: sent.commonLabels,
  };
}

const namesShown = 3;

function names(group: AlertGroup, alerts: readonly AlertView[], strings: Strings) {
  const distinct = [...new Set(alerts.map((alert) => alert.name))];
  const shown = distinct.slice(0, namesShown).join(strings.listMark);
  const more = distinct.length > namesShown ? strings.moreNames(distinct.length) : "";
  const severities = alerts.map((alert) => alert.severity).filter((severity) => severity !== "");
  const common = commonLabelPairs(group);
  return {
    common,
    highlights: highlightsOf(common, group, strings),
    name: distinct.length === 0 ? alertName(group.commonLabels, strings) : shown + more,
    severity: severities.toSorted((a, b) => severityRank(b) - severityRank(a))[0] ?? "",
  };
}

/** The labels that the sender groups by come first. */
function commonLabelPairs({ commonLabels, groupLabels }: AlertGroup): readonly NameValue[] {
  const heading = shownAsHeading(commonLabels);
  const pairs = Object.entries(commonLabels).filter(([name]) => !heading.has(name));
  const isGroup = ([name]: readonly [string, string]) => Object.hasOwn(groupLabels, name);
  const ordered = [...pairs.filter(isGroup), ...pairs.filter((pair) => !isGroup(pair))];
  return ordered.map(([name, value]) => ({ name, value }));
}

/** What is the same for all alerts is shown once, for the group; empty where they differ. */
function shared(alerts: readonly AlertView[]) {
  const same = (read: (alert: AlertView) => string) => {
    const text = alerts[0] === undefined ? "" : read(alerts[0]);
    return alerts.every((alert) => read(alert) === text) ? text : "";
  };
  const times = same((alert) =>
    JSON.stringify([alert.start, alert.end, alert.stateWord, alert.stateReason, alert.caveat]),
  );
  const [first] = times === "" ? [] : alerts;
  return {
    summary: same((alert) => alert.summary),
    description: same((alert) => alert.description),
    value: same((alert) => alert.value),
    caveat: same((alert) => alert.caveat),
    start: first?.start ?? "",
    end: first?.end ?? "",
    duration: first?.duration ?? "",
    stateKind: first?.stateKind ?? "",
    stateReason: first?.stateReason ?? "",
    sameTimes: first !== undefined,
  } as const;
}

function counts(alerts: readonly AlertView[], strings: Strings) {
  const firing = alerts.filter((alert) => alert.status === "firing");
  const resolved = alerts.filter((alert) => alert.status === "resolved");
  const allRecovered = resolved.every((alert) => alert.stateKind === "recovered");
  return {
    firingCount: firing.length,
    resolvedCount: resolved.length,
    alertCount: alerts.length,
    firingWord: strings.states[onlyKind(firing) ?? "firing"],
    resolvedWord: strings.states[allRecovered ? "recovered" : "closed"],
    allRecovered,
  };
}

function onlyKind(alerts: readonly AlertView[]): StateKind | null {
  const kinds = new Set(alerts.map((alert) => alert.stateKind));
  return kinds.size === 1 ? ([...kinds][0] ?? null) : null;
}
