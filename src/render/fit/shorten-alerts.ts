// Shortens alerts. First the texts of a whole delivery are cut to what a message or a cell could show of them: a sender
// may post a text of 10 MB, and rendering looks at a text many times. Later, where a single alert does not fit a body,
// what templates see of it is shortened; what is decided from an alert (its state, its links, its place in the order)
// has been decided from the whole alert before.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import type { Delivery, GroupDelivery } from "../../domain/notification.ts";
import type { AlertView, NameValue } from "../view/alert-view.ts";
import type { Highlight } from "../view/chosen-labels.ts";
import type { AlertRow, DigestFacts } from "../view/digest-view.ts";
import type { GroupFacts } from "../view/group-view.ts";
import { linkOrder } from "../view/links.ts";
import type { Strings } from "../view/strings.ts";
import { allEntries, type Shortener, shortenerFor } from "./shorten-text.ts";

/** Fills seven bodies; a cell of a spreadsheet holds 32,767 characters. */
export const alertTextMaxBytes = 30_000;

export function boundedDelivery<T extends Delivery>(delivery: T, strings: Strings): T {
  const shorten = shortenerFor({ capBytes: alertTextMaxBytes, entries: allEntries }, strings);
  return delivery.kind === "digest"
    ? { ...delivery, groups: delivery.groups.map((group) => boundedGroupDelivery(group, shorten)) }
    : { ...delivery, ...boundedGroupDelivery(delivery as GroupDelivery, shorten) };
}

function boundedGroupDelivery(delivery: GroupDelivery, shorten: Shortener): GroupDelivery {
  const { routed } = delivery;
  return { ...delivery, routed: { ...routed, group: boundedGroup(routed.group, shorten) } };
}

function boundedGroup(group: AlertGroup, shorten: Shortener): AlertGroup {
  return {
    ...group,
    ...changed(group, ["receiver", "groupKey", "title", "message"], shorten.text),
    ...changed(group, ["groupLabels", "commonLabels", "commonAnnotations", "routeLabels"], shorten.labels<string>),
    alerts: group.alerts.map((alert) => boundedAlert(alert, shorten)),
  };
}

function boundedAlert(alert: Alert, { text, labels }: Shortener): Alert {
  return {
    ...alert,
    labels: labels(alert.labels),
    annotations: labels(alert.annotations),
    valueString: text(alert.valueString),
    unreadTimes: alert.unreadTimes.map(text),
  };
}

export function shortenAlertView(view: AlertView, shorten: Shortener): AlertView {
  const { labels, annotations } = shorten;
  return {
    ...view,
    ...shortenCore(view, shorten),
    ...changed(view, ["valueString"], shorten.text),
    ...changed(view, ["generatorURL", "silenceURL", "dashboardURL", "panelURL", "imageURL", "picture"], shorten.url),
    ...changed(view, ["links", "differingLinks"], shorten.links),
    labels: labels(view.labels),
    annotations: annotations(view.annotations),
    values: view.values === null ? null : labels(view.values),
    differing: shortenPairs(view.differing, shorten),
    linkTo: changed(view.linkTo, linkOrder, shorten.url),
  };
}

export function shortenGroupFacts(facts: GroupFacts, shorten: Shortener): GroupFacts {
  return {
    ...facts,
    ...shortenCore(facts, shorten),
    ...changed(facts, ["receiver", "groupKey", "title", "message"], shorten.text),
    ...changed(facts, ["externalURL", "picture"], shorten.url),
    ...changed(facts, ["groupLabels", "commonLabels", "routeLabels", "labels"], shorten.labels<string>),
    commonAnnotations: shorten.annotations(facts.commonAnnotations),
    common: shortenPairs(facts.common, shorten),
    highlights: shortenHighlights(facts.highlights, shorten),
    links: shorten.links(facts.links),
    linkTo: changed(facts.linkTo, linkOrder, shorten.url),
  };
}

export function shortenRow(row: AlertRow, shorten: Shortener): AlertRow {
  return {
    ...row,
    ...shortenCore(row, shorten),
    labels: shorten.labels(row.labels),
    differing: shortenPairs(row.differing, shorten),
  };
}

export function shortenDigestFacts(facts: DigestFacts, { text }: Shortener): DigestFacts {
  return {
    ...facts,
    bot: text(facts.bot),
    severities: facts.severities.map(({ name, count }) => ({ name: text(name), count })),
    names: facts.names.map(({ name, count }) => ({ name: text(name), count })),
  };
}

/** These fields of a value, each changed. */
function changed<Whole, Name extends keyof Whole>(
  whole: Whole,
  names: readonly Name[],
  change: (value: Whole[Name]) => Whole[Name],
) {
  return Object.fromEntries(names.map((name) => [name, change(whole[name])])) as Record<Name, Whole[Name]>;
}

const coreTexts = ["name", "severity", "summary", "description", "value", "stateReason"] as const;

function shortenCore(core: Readonly<Record<(typeof coreTexts)[number], string>>, { text }: Shortener) {
  return changed(core, coreTexts, text);
}

function shortenPairs(pairs: readonly NameValue[], { text, list }: Shortener): readonly NameValue[] {
  return list(
    pairs,
    ({ name, value }) => ({ name: text(name), value: text(value) }),
    (more) => ({ name: "…", value: more }),
  );
}

function shortenHighlights(highlights: readonly Highlight[], { text, list }: Shortener): readonly Highlight[] {
  return list(
    highlights,
    ({ name, value, word }) => ({ name: text(name), value: text(value), word: text(word) }),
    (more) => ({ name: "…", value: more, word: "…" }),
  );
}
