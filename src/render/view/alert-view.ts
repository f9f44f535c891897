// One alert as templates see it: Alertmanager's and Grafana's fields under their own names, and ours, prepared so that a
// template only has to place them. Pure; the order of fields here is the order of docs/templates.md.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import { wire } from "../../go-text/template-values.ts";
import { parseTimestamp, type Timestamp } from "../../go-text/timestamp.ts";
import { type AlertCore, type CoreSettings, coreOf, saidElsewhere } from "./alert-core.ts";
import { alertLinks, type LinkTo, type LinkView, linkTo, pictureOf } from "./links.ts";

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
  readonly values: Readonly<Record<string, number>> | null;
  readonly valueString: string;
  readonly differing: readonly NameValue[];
  readonly picture: string;
  readonly links: readonly LinkView[];
  readonly linkTo: LinkTo;
  /** Those of `links` that the group does not have. */
  readonly differingLinks: readonly LinkView[];
}

export interface AlertSettings extends CoreSettings {
  readonly group: AlertGroup;
}

export function viewAlert(alert: Alert, settings: AlertSettings): Omit<AlertView, "differingLinks"> {
  const links = alertLinks(alert, settings.group, settings.strings);
  return {
    ...senderFields(alert),
    ...coreOf(alert, settings),
    differing: differingLabels(alert.labels, settings.group.commonLabels),
    picture: pictureOf(alert) ?? "",
    links,
    linkTo: linkTo(links),
  };
}

function senderFields(alert: Alert) {
  const { status, labels, annotations, links, fingerprint, values, valueString } = alert;
  const shared = {
    status,
    labels,
    annotations,
    startsAt: parseTimestamp(alert.startsAtText),
    endsAt: parseTimestamp(alert.endsAtText),
    generatorURL: links.generatorURL ?? "",
    fingerprint,
  };
  const grafana = {
    silenceURL: links.silenceURL ?? "",
    dashboardURL: links.dashboardURL ?? "",
    panelURL: links.panelURL ?? "",
    imageURL: links.imageURL ?? "",
    values,
    valueString,
  };
  const isGrafana =
    values !== null || [links.silenceURL, links.dashboardURL, links.panelURL].some((url) => url !== null);
  return { ...shared, ...grafana, [wire]: isGrafana ? { ...shared, ...grafana } : shared };
}

/** Labels that tell this alert from the others of its group. Its name and its severity are said in their own places. */
function differingLabels(labels: LabelSet, common: LabelSet): readonly NameValue[] {
  const said = saidElsewhere(labels);
  return Object.entries(labels)
    .filter(([name, value]) => !said.has(name) && !(Object.hasOwn(common, name) && common[name] === value))
    .map(([name, value]) => ({ name, value }));
}
