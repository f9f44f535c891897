// A delivery as templates see it, as far as it does not depend on the part: alerts in reading order and the facts of their
// group. Labels and annotations keep their own keys, whatever they are called.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import type { RenderSettings } from "../settings.ts";
import { alertName, saidElsewhere } from "./alert-core.ts";
import { type AlertView, type NameValue, viewAlert } from "./alert-view.ts";
import type { GroupFacts } from "./group-view.ts";
import { highlightsOf } from "./highlights.ts";
import { groupLinks, type LinkView, linkTo } from "./links.ts";
import { own, severityName, severityRank } from "./severity.ts";
import { clockOf, humanSpan, type StateKind, type Strings, stringsFor } from "./strings.ts";

export interface Views {
  readonly facts: GroupFacts;
  /** Firing before resolved, then the worst severity first, then as they were sent. */
  readonly alerts: readonly AlertView[];
}

/** Above this many alerts a message shows no links of single alerts: they would be most of it. */
const compactAbove = 3;

export function prepareViews(delivery: GroupDelivery, settings: RenderSettings): Views {
  const { group } = delivery.routed;
  const strings = stringsFor(settings.language);
  const clock = clockOf(settings.timezone);
  const alertSettings = {
    ...{ group, strings, clock },
    now: settings.now,
    language: settings.language,
    recoveredWhileWaiting: new Set(delivery.recoveredWhileWaiting),
  };
  const seen = inReadingOrder(group.alerts).map((alert) => viewAlert(alert, alertSettings));
  const links = groupLinks(
    group,
    seen.map((alert) => alert.links),
    strings,
  );
  const alerts = seen.map((alert) => ({ ...alert, differingLinks: without(alert.links, links) }));
  const late = delivery.late;
  const delay = humanSpan(settings.now - delivery.acceptedAt, strings);
  const facts: GroupFacts = {
    ...senderFacts(group),
    ...names(group, alerts, strings),
    ...shared(alerts),
    ...counts(alerts, strings),
    picture: alerts.find((alert) => alert.picture !== "")?.picture ?? "",
    links,
    linkTo: linkTo(links),
    reminder: delivery.repeat || group.notificationReason === "repeat interval elapsed",
    late: late ? strings.late(delay, clock(delivery.acceptedAt)) : "",
    truncated: group.truncatedAlerts > 0 ? strings.truncated(group.truncatedAlerts) : "",
    compact: alerts.length > compactAbove,
  };
  return { facts, alerts };
}

function without(links: readonly LinkView[], others: readonly LinkView[]): readonly LinkView[] {
  return links.filter(({ url }) => !others.some((other) => other.url === url));
}

function inReadingOrder(alerts: readonly Alert[]): readonly Alert[] {
  const severity = ({ labels }: Alert) => own(labels, severityName(labels) ?? "");
  const rank = (alert: Alert) => (alert.status === "firing" ? 10 : 0) + severityRank(severity(alert));
  return alerts.toSorted((a, b) => rank(b) - rank(a));
}

function senderFacts(group: AlertGroup) {
  const { status, receiver, groupLabels, commonLabels, commonAnnotations, routeLabels } = group;
  const { externalURL, groupKey, truncatedAlerts, notificationReason, title, message } = group;
  return {
    ...{ status, receiver, groupLabels, commonLabels, commonAnnotations, routeLabels },
    ...{ groupKey, truncatedAlerts, title, message, labels: commonLabels },
    externalURL: externalURL ?? "",
    notificationReason: notificationReason ?? ("" as const),
  };
}

const namesShown = 3;

function names(group: AlertGroup, alerts: readonly AlertView[], strings: Strings) {
  const distinct = [...new Set(alerts.map((alert) => alert.name))];
  const shown = distinct.slice(0, namesShown).join(strings.listMark);
  const severities = alerts.map((alert) => alert.severity).filter((severity) => severity !== "");
  const common = commonPairs(group);
  return {
    common,
    highlights: highlightsOf(common, group, strings),
    name: distinct.length === 0 ? alertName(group.commonLabels, strings) : shown + more(distinct.length, strings),
    severity: severities.toSorted((a, b) => severityRank(b) - severityRank(a))[0] ?? "",
  };
}

function more(distinct: number, strings: Strings): string {
  return distinct > namesShown ? strings.moreNames(distinct) : "";
}

/** What the sender groups by comes first. */
function commonPairs({ commonLabels, groupLabels }: AlertGroup): readonly NameValue[] {
  const said = saidElsewhere(commonLabels);
  const pairs = Object.entries(commonLabels).filter(([name]) => !said.has(name));
  const isGroup = ([name]: readonly [string, string]) => Object.hasOwn(groupLabels, name);
  const ordered = [...pairs.filter(isGroup), ...pairs.filter((pair) => !isGroup(pair))];
  return ordered.map(([name, value]) => ({ name, value }));
}

/** What every alert would repeat is said once, for the group; empty where they differ. */
function shared(alerts: readonly AlertView[]) {
  const same = (read: (alert: AlertView) => string) => {
    const text = alerts[0] === undefined ? "" : read(alerts[0]);
    return alerts.every((alert) => read(alert) === text) ? text : "";
  };
  const times = same((alert) => JSON.stringify([alert.start, alert.end, alert.stateWord, alert.stateReason]));
  const [first] = times === "" ? [] : alerts;
  return {
    summary: same((alert) => alert.summary),
    description: same((alert) => alert.description),
    value: same((alert) => alert.value),
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
