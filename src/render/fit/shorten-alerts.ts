// Shortens alerts. Before a group is stored, its texts are cut to what a message or a cell could show of them: a sender
// may post a text of 10 MB, and rendering reads a text many times. Later, if a single alert does not fit into a body, its
// view is shortened; its state, links and place in the order are decided before that, from the whole alert.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import type { RoutedGroup } from "../../domain/notification.ts";
import { isTimestamp } from "../../go-text/timestamp.ts";
import { type LinkView, linkOrder } from "../view/links.ts";
import { stringsFor } from "../view/strings.ts";
import { allEntries, type Shortener, shortenerFor } from "./shorten-text.ts";

/** Fills seven bodies; a cell of a spreadsheet holds 32,767 characters. */
export const alertTextMaxBytes = 30_000;

/** Before it is stored: no message and no file shows more. */
export function boundedRoutedGroup(routed: RoutedGroup): RoutedGroup {
  const level = { capBytes: alertTextMaxBytes, entries: allEntries };
  return { ...routed, group: boundedGroup(routed.group, shortenerFor(level, stringsFor(routed.destination.language))) };
}

function boundedGroup(group: AlertGroup, shorten: Shortener): AlertGroup {
  return {
    ...group,
    ...changed(group, ["receiver", "groupKey", "title", "message"], shorten.text),
    ...changed(group, ["groupLabels", "commonLabels", "commonAnnotations", "routeLabels"], shorten.labels<string>),
    externalURL: boundedURL(group.externalURL, shorten),
    alerts: group.alerts.map((alert) => boundedAlert(alert, shorten)),
  };
}

function boundedURL(url: string | null, shorten: Shortener): string | null {
  return url === null || shorten.url(url) === "" ? null : url;
}

function boundedAlert(alert: Alert, shorten: Shortener): Alert {
  const { text, labels } = shorten;
  return {
    ...alert,
    labels: labels(alert.labels),
    annotations: labels(alert.annotations),
    fingerprint: text(alert.fingerprint),
    links: changed(alert.links, linkNames, (url) => boundedURL(url, shorten)),
    valueString: text(alert.valueString),
    unreadTimes: alert.unreadTimes.map(text),
  };
}

const linkNames = ["generatorURL", "silenceURL", "dashboardURL", "panelURL", "imageURL"] as const;

/** These fields of a value, each changed. */
function changed<Whole, Name extends keyof Whole>(
  whole: Whole,
  names: readonly Name[],
  change: (value: Whole[Name]) => Whole[Name],
) {
  return Object.fromEntries(names.map((name) => [name, change(whole[name])])) as Record<Name, Whole[Name]>;
}

const maps = ["labels", "groupLabels", "commonLabels", "routeLabels", "values"];
const annotationMaps = ["annotations", "commonAnnotations"];
const urls = ["url", "runbook", "picture", "externalURL", ...linkOrder];

/** The same structure with shorter texts, fewer labels, and without addresses that have no room. */
export function shortenView<T>(view: T, shorten: Shortener): T {
  const visit = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return isUrl(name) ? shorten.url(value) : shorten.text(value);
    if (typeof value !== "object" || value === null || isTimestamp(value)) return value;
    if (Array.isArray(value)) return visitList(value);
    if (maps.includes(name)) return shorten.labels(value as LabelSet);
    if (annotationMaps.includes(name)) return shorten.annotations(value as LabelSet);
    return { ...value, ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one, key)])) };
  };
  const visitList = (list: readonly unknown[]): unknown => {
    if (list.every(isLink)) return shorten.links(list as readonly LinkView[]);
    const each = (item: unknown) => visit(item, "");
    return list.every(isPair)
      ? shorten.list(list, each, (text) => ({ name: "…", value: text, word: "…", text }))
      : list.map(each);
  };
  return visit(view, "") as T;
}

function isUrl(name: string): boolean {
  return name.endsWith("URL") || urls.includes(name);
}

function isLink(item: unknown): boolean {
  return typeof item === "object" && item !== null && "url" in item;
}

/** A label or an annotation. */
function isPair(item: unknown): boolean {
  return typeof item === "object" && item !== null && "name" in item && "value" in item;
}
