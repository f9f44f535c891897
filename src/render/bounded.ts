// A telling in, the same with every text cut to what any message or cell could ever show of it, visibly. What follows looks at
// a text many times over, and a sender may post one of 10 MB.

import type { Alert, AlertGroup, LabelSet } from "../domain/alert.ts";
import type { GroupTelling, Telling } from "../domain/notification.ts";
import { shortenText } from "./shorten.ts";
import type { Words } from "./words.ts";

/** Seven bodies full; and a spreadsheet's cell holds 32,767 characters. */
export const textMaxBytes = 30_000;

export function boundedTelling<T extends Telling>(telling: T, words: Words): T {
  if (telling.kind === "digest") return { ...telling, groups: telling.groups.map((group) => bounded(group, words)) };
  return { ...telling, ...bounded(telling as GroupTelling, words) };
}

function bounded(telling: GroupTelling, words: Words): GroupTelling {
  const { routed } = telling;
  return { ...telling, routed: { ...routed, group: boundedGroup(routed.group, words) } };
}

function boundedGroup(group: AlertGroup, words: Words): AlertGroup {
  const text = (one: string) => shortenText(one, textMaxBytes, words);
  const labels = (set: LabelSet) => boundedLabels(set, words);
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
    alerts: group.alerts.map((alert) => boundedAlert(alert, words)),
  };
}

function boundedAlert(alert: Alert, words: Words): Alert {
  const { labels, annotations, valueString } = alert;
  return {
    ...alert,
    labels: boundedLabels(labels, words),
    annotations: boundedLabels(annotations, words),
    valueString: shortenText(valueString, textMaxBytes, words),
  };
}

/** Names are the sender's as well, and may become the same once they are cut: a later one is numbered. */
function boundedLabels(labels: LabelSet, words: Words): LabelSet {
  const entries = Object.entries(labels);
  if (entries.every((pair) => pair.every(isShort))) return labels;
  const short = new Map<string, string>();
  for (const [name, value] of entries) {
    const cut = shortenText(name, textMaxBytes, words);
    short.set(short.has(cut) ? `${cut}~${short.size}` : cut, shortenText(value, textMaxBytes, words));
  }
  return Object.fromEntries(short);
}

/** A UTF-16 unit is three bytes at most. */
function isShort(text: string): boolean {
  return text.length <= textMaxBytes / 3;
}
