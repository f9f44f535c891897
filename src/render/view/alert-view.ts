// One alert as templates see it: the fields of Alertmanager and Grafana under their own names, and ours, which a
// template only has to place. The order of the fields is the order of docs/templates.md.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import { wire } from "../../go-text/template-values.ts";
import { parseTimestamp, type Timestamp } from "../../go-text/timestamp.ts";
import { type AlertCore, type CoreSettings, coreOf, shownAsHeading } from "./alert-core.ts";
import { alertLinks, alertPicture, type LinkTo, type LinkView, linkTo } from "./links.ts";

export interface NameValue {
  readonly name: string;
  readonly value: string;
}

export interface AlertView extends AlertCore {
  readonly status: Alert["status"];
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: Timestamp;
  readonly endsAt: Timestamp;
  readonly generatorURL: string;
  readonly fingerprint: string;
  readonly silenceURL: string;
  readonly dashboardURL: string;
  readonly panelURL: string;
  readonly imageURL: string;
  /** A text says how many values are not shown. */
  readonly values: Readonly<Record<string, number | string>> | null;
  readonly valueString: string;
  readonly differing: readonly NameValue[];
  readonly picture: string;
  readonly links: readonly LinkView[];
  readonly linkTo: LinkTo;
  /** Those of `links` that the group does not have. */
  readonly differingLinks: readonly LinkView[];
  /** What toJson prints: only the fields that the sender knows. */
  readonly [wire]: (view: AlertView) => object;
}

export function viewAlert(alert: Alert, group: AlertGroup, settings: CoreSettings): AlertView {
  const links = alertLinks(alert, group, settings.strings);
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: parseTimestamp(alert.startsAtText),
    endsAt: parseTimestamp(alert.endsAtText),
    generatorURL: alert.links.generatorURL ?? "",
    fingerprint: alert.fingerprint,
    silenceURL: alert.links.silenceURL ?? "",
    dashboardURL: alert.links.dashboardURL ?? "",
    panelURL: alert.links.panelURL ?? "",
    imageURL: alert.links.imageURL ?? "",
    values: alert.values,
    valueString: alert.valueString,
    [wire]: isOfGrafana(alert) ? grafanaFields : alertmanagerFields,
    ...coreOf(alert, settings),
    differing: differingLabels(alert.labels, group.commonLabels),
    picture: alertPicture(alert) ?? "",
    links,
    linkTo: linkTo(links),
    differingLinks: links,
  };
}

/** With the links that the whole group does not have. */
export function withDifferingLinks(view: AlertView, shared: readonly LinkView[]): AlertView {
  return { ...view, differingLinks: view.links.filter(({ url }) => !shared.some((link) => link.url === url)) };
}

function isOfGrafana({ values, links }: Alert): boolean {
  return values !== null || [links.silenceURL, links.dashboardURL, links.panelURL].some((url) => url !== null);
}

function alertmanagerFields(view: AlertView) {
  const { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint } = view;
  return { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint };
}

function grafanaFields(view: AlertView) {
  const { silenceURL, dashboardURL, panelURL, imageURL, values, valueString } = view;
  return { ...alertmanagerFields(view), silenceURL, dashboardURL, panelURL, imageURL, values, valueString };
}

/** Labels that only this alert of its group has, without its name and severity. */
function differingLabels(labels: LabelSet, common: LabelSet): readonly NameValue[] {
  const heading = shownAsHeading(labels);
  return Object.entries(labels)
    .filter(([name, value]) => !heading.has(name) && !(Object.hasOwn(common, name) && common[name] === value))
    .map(([name, value]) => ({ name, value }));
}
