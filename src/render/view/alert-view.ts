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

/** Fields of the sender, under its names. */
interface SentFields {
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
}

/** `wire` is what toJson prints: only the fields that the sender knows. */
interface SentAlert extends SentFields {
  readonly [wire]: Partial<SentFields>;
}

export interface AlertView extends AlertCore, SentAlert {
  readonly differing: readonly NameValue[];
  readonly picture: string;
  readonly links: readonly LinkView[];
  readonly linkTo: LinkTo;
  /** Those of `links` that the group does not have. */
  readonly differingLinks: readonly LinkView[];
}

interface AlertSettings extends CoreSettings {
  readonly group: AlertGroup;
}

export function viewAlert(alert: Alert, settings: AlertSettings): AlertView {
  const links = alertLinks(alert, settings.group, settings.strings);
  return {
    ...sentBy(alert),
    ...coreOf(alert, settings),
    differing: differingLabels(alert.labels, settings.group.commonLabels),
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

function sentBy({ status, labels, annotations, links, fingerprint, ...alert }: Alert): SentAlert {
  const sent = {
    status,
    labels,
    annotations,
    startsAt: parseTimestamp(alert.startsAtText),
    endsAt: parseTimestamp(alert.endsAtText),
    generatorURL: links.generatorURL ?? "",
    fingerprint,
    silenceURL: links.silenceURL ?? "",
    dashboardURL: links.dashboardURL ?? "",
    panelURL: links.panelURL ?? "",
    imageURL: links.imageURL ?? "",
    values: alert.values,
    valueString: alert.valueString,
  };
  const grafanaLinks = [links.silenceURL, links.dashboardURL, links.panelURL];
  return sentFields(sent, alert.values !== null || grafanaLinks.some((url) => url !== null));
}

export function sentFields(sent: SentFields, byGrafana: boolean): SentAlert {
  const { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint } = sent;
  const known = byGrafana ? sent : { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint };
  return { ...sent, [wire]: known };
}

/** Labels that only this alert of its group has, without its name and severity. */
function differingLabels(labels: LabelSet, common: LabelSet): readonly NameValue[] {
  const heading = shownAsHeading(labels);
  return Object.entries(labels)
    .filter(([name, value]) => !heading.has(name) && !(Object.hasOwn(common, name) && common[name] === value))
    .map(([name, value]) => ({ name, value }));
}
