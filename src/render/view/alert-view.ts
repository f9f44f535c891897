// One alert as templates see it: the fields of Alertmanager and Grafana under their own names, and ours, which a
// template only has to place. The order of the fields is the order of docs/templates.md.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import { wire } from "../../go-text/template-values.ts";
import { parseTimestamp, type Timestamp } from "../../go-text/timestamp.ts";
import type { AlertCore } from "./alert-core.ts";
import type { DescribedAlert } from "./describe.ts";
import { type NameValue, shownAsHeading } from "./labels.ts";
import type { LaidRow } from "./layout.ts";
import { alertPicture, type LinkTo, type LinkView, linkTo } from "./links.ts";
import type { Strings } from "./strings.ts";

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
  /** The value without results of conditions. */
  readonly reading: string;
  readonly error: string;
  /** Annotations that no other field holds. */
  readonly notes: readonly NameValue[];
  /** What the built-in templates show of it below other alerts. */
  readonly row: LaidRow;
  /** Of an alert that recovered while it waited; else empty. */
  readonly waitedText: string;
  readonly picture: string;
  readonly links: readonly LinkView[];
  readonly linkTo: LinkTo;
  /** Those of `links` that the group does not have. */
  readonly differingLinks: readonly LinkView[];
  /** What toJson prints: only the fields that the sender knows. */
  readonly [wire]: (view: AlertView) => object;
}

interface AlertPlace {
  readonly group: AlertGroup;
  readonly links: readonly LinkView[];
  readonly shared: readonly LinkView[];
  readonly row: LaidRow;
  readonly strings: Strings;
}

export function viewAlert(
  { alert, core, said, reading }: DescribedAlert,
  { group, links, shared, row, strings }: AlertPlace,
): AlertView {
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
    ...core,
    differing: differingLabels(alert.labels, group.commonLabels),
    reading,
    error: said.error,
    notes: said.notes,
    row,
    waitedText: core.recoveredWhileWaiting ? strings.aside(strings.recoveredWhileWaiting) : "",
    picture: alertPicture(alert) ?? "",
    links,
    linkTo: linkTo(links),
    differingLinks: links.filter(({ url }) => !shared.some((link) => link.url === url)),
  };
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
