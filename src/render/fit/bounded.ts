// A delivery in, the same with every text cut to what any message or cell could ever show of it, visibly. What follows looks at
// a text many times over, and a sender may post one of 10 MB.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import type { Delivery, GroupDelivery } from "../../domain/notification.ts";
import type { Strings } from "../view/strings.ts";
import { shortenText } from "./shorten.ts";

/** Seven bodies full; and a spreadsheet's cell holds 32,767 characters. */
export const textMaxBytes = 30_000;

export function boundedDelivery<T extends Delivery>(delivery: T, strings: Strings): T {
  if (delivery.kind === "digest")
    return { ...delivery, groups: delivery.groups.map((group) => bounded(group, strings)) };
  return { ...delivery, ...bounded(delivery as GroupDelivery, strings) };
}

function bounded(delivery: GroupDelivery, strings: Strings): GroupDelivery {
  const { routed } = delivery;
  return { ...delivery, routed: { ...routed, group: boundedGroup(routed.group, strings) } };
}

function boundedGroup(group: AlertGroup, strings: Strings): AlertGroup {
  const text = (one: string) => shortenText(one, textMaxBytes, strings);
  const labels = (set: LabelSet) => boundedLabels(set, strings);
  return {
    ...group,
    receiver: text(group.receiver),
    groupKey: text(group.groupKey),
    title: text(group.title),
    message: text(group.message),
    groupLabels: labels(group.groupLabels),
    commonLabels: labels(group.commonLabels),
    commonAnnotations: labels(group.commonAnnotations),
    routeLabels: labels(group.routeLabels),
    alerts: group.alerts.map((alert) => boundedAlert(alert, strings)),
  };
}

function boundedAlert(alert: Alert, strings: Strings): Alert {
  const { labels, annotations, valueString } = alert;
  return {
    ...alert,
    labels: boundedLabels(labels, strings),
    annotations: boundedLabels(annotations, strings),
    valueString: shortenText(valueString, textMaxBytes, strings),
  };
}

/** Names are the sender's as well, and may become the same once they are cut: a later one is numbered. */
function boundedLabels(labels: LabelSet, strings: Strings): LabelSet {
  const entries = Object.entries(labels);
  if (entries.every((pair) => pair.every(isShort))) return labels;
  const short = new Map<string, string>();
  for (const [name, value] of entries) {
    const cut = shortenText(name, textMaxBytes, strings);
    short.set(short.has(cut) ? `${cut}~${short.size}` : cut, shortenText(value, textMaxBytes, strings));
  }
  return Object.fromEntries(short);
}

/** A UTF-16 unit is three bytes at most. */
function isShort(text: string): boolean {
  return text.length <= textMaxBytes / 3;
}
