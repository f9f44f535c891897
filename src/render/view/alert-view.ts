// One alert as templates see it: the fields of Alertmanager and Grafana under their own names, and ours, which a
// template only has to place. The order of the fields is the order of docs/templates.md.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import { wire } from "../../go-text/template-values.ts";
import { parseTimestamp } from "../../go-text/timestamp.ts";
import type { DescribedAlert } from "./describe.ts";
import { type NameValue, shownAsHeading } from "./labels.ts";
import type { LaidRow } from "./layout.ts";
import { alertPicture, type LinkView, linkTo } from "./links.ts";
import type { Strings } from "./strings.ts";

export type AlertView = Readonly<ReturnType<typeof viewAlert>>;

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
) {
  return {
    ...sentFields(alert),
    /** What toJson prints: only the fields that the sender knows. */
    [wire]: isOfGrafana(alert) ? grafanaFields : alertmanagerFields,
    ...core,
    differing: differingLabels(alert.labels, group.commonLabels),
    /** The value without results of conditions. */
    reading,
    error: said.error,
    /** Annotations that no other field holds. */
    notes: said.notes,
    /** What the built-in templates show of it below other alerts. */
    row,
    /** Of an alert that recovered while it waited; else empty. */
    waitedText: core.recoveredWhileWaiting ? strings.aside(strings.recoveredWhileWaiting) : "",
    picture: alertPicture(alert) ?? "",
    links,
    linkTo: linkTo(links),
    /** Those of `links` that the group does not have. */
    differingLinks: links.filter(({ url }) => !shared.some((link) => link.url === url)),
  };
}

function sentFields({ links, ...alert }: Alert) {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: parseTimestamp(alert.startsAtText),
    endsAt: parseTimestamp(alert.endsAtText),
    generatorURL: links.generatorURL ?? "",
    fingerprint: alert.fingerprint,
    silenceURL: links.silenceURL ?? "",
    dashboardURL: links.dashboardURL ?? "",
    panelURL: links.panelURL ?? "",
    imageURL: links.imageURL ?? "",
    values: alert.values,
    valueString: alert.valueString,
  };
}

type SentFields = ReturnType<typeof sentFields>;

function isOfGrafana({ values, links }: Alert): boolean {
  return values !== null || [links.silenceURL, links.dashboardURL, links.panelURL].some((url) => url !== null);
}

function alertmanagerFields({ status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint }: SentFields) {
  return { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint };
}

function grafanaFields(view: SentFields) {
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
