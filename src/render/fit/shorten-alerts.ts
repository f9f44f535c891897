// Shortens alerts. First the texts of a whole delivery are cut to what a message or a cell could show of them: a sender
// may post a text of 10 MB, and rendering looks at a text many times. Later, where a single alert does not fit a body,
// what templates see of it is shortened; what is decided from an alert (its state, its links, its place in the order)
// has been decided from the whole alert before.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import type { Delivery, GroupDelivery } from "../../domain/notification.ts";
import { wire } from "../../go-text/template-values.ts";
import type { AlertCore } from "../view/alert-core.ts";
import type { AlertRow } from "../view/alert-row.ts";
import { type AlertView, type NameValue, sentFields } from "../view/alert-view.ts";
import type { Highlight } from "../view/chosen-labels.ts";
import type { DigestFacts } from "../view/digest-view.ts";
import type { GroupFacts } from "../view/group-view.ts";
import type { LinkTo } from "../view/links.ts";
import type { Strings } from "../view/strings.ts";
import { allEntries, type Shortener, shortenerFor } from "./shortener.ts";

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
  const { text, labels } = shorten;
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
    alerts: group.alerts.map((alert) => boundedAlert(alert, shorten)),
  };
}

function boundedAlert(alert: Alert, { text, labels }: Shortener): Alert {
  return {
    ...alert,
    labels: labels(alert.labels),
    annotations: labels(alert.annotations),
    valueString: text(alert.valueString),
  };
}

export function shortenAlertView(view: AlertView, shorten: Shortener): AlertView {
  const { text, url, labels, annotations, links } = shorten;
  const sent = {
    status: view.status,
    labels: labels(view.labels),
    annotations: annotations(view.annotations),
    startsAt: view.startsAt,
    endsAt: view.endsAt,
    generatorURL: url(view.generatorURL),
    fingerprint: view.fingerprint,
    silenceURL: url(view.silenceURL),
    dashboardURL: url(view.dashboardURL),
    panelURL: url(view.panelURL),
    imageURL: url(view.imageURL),
    values: view.values === null ? null : labels(view.values),
    valueString: text(view.valueString),
  };
  return {
    ...view,
    ...sentFields(sent, "values" in view[wire]),
    ...shortenCore(view, shorten),
    differing: shortenPairs(view.differing, shorten),
    picture: url(view.picture),
    links: links(view.links),
    linkTo: shortenLinkTo(view.linkTo, shorten),
    differingLinks: links(view.differingLinks),
  };
}

export function shortenGroupFacts(facts: GroupFacts, shorten: Shortener): GroupFacts {
  const { text, url, labels, annotations, links } = shorten;
  return {
    ...facts,
    receiver: text(facts.receiver),
    groupLabels: labels(facts.groupLabels),
    commonLabels: labels(facts.commonLabels),
    commonAnnotations: annotations(facts.commonAnnotations),
    routeLabels: labels(facts.routeLabels),
    externalURL: url(facts.externalURL),
    groupKey: text(facts.groupKey),
    title: text(facts.title),
    message: text(facts.message),
    labels: labels(facts.labels),
    name: text(facts.name),
    severity: text(facts.severity),
    common: shortenPairs(facts.common, shorten),
    summary: text(facts.summary),
    description: text(facts.description),
    value: text(facts.value),
    stateReason: text(facts.stateReason),
    picture: url(facts.picture),
    highlights: shortenHighlights(facts.highlights, shorten),
    links: links(facts.links),
    linkTo: shortenLinkTo(facts.linkTo, shorten),
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

function shortenCore(core: AlertCore, { text }: Shortener) {
  return {
    name: text(core.name),
    severity: text(core.severity),
    summary: text(core.summary),
    description: text(core.description),
    value: text(core.value),
    stateReason: text(core.stateReason),
  };
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

function shortenLinkTo({ runbook, dashboard, panel, source, silence }: LinkTo, { url }: Shortener): LinkTo {
  return {
    runbook: url(runbook),
    dashboard: url(dashboard),
    panel: url(panel),
    source: url(source),
    silence: url(silence),
  };
}
