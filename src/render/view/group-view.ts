// The group as templates see it: what is the same in every part (`GroupFacts`), and a run of alerts put into it. The order of
// fields here is the order of docs/templates.md.

import type { AlertGroup, LabelSet, NotificationReason } from "../../domain/alert.ts";
import { wire } from "../../go-text/template-values.ts";
import type { AlertView, NameValue } from "./alert-view.ts";
import type { Highlight } from "./highlights.ts";
import type { LinkTo, LinkView } from "./links.ts";
import type { StateKind } from "./strings.ts";

export interface PartView {
  readonly number: number;
  readonly total: number;
  readonly first: boolean;
}

/** What is the same in every part. */
export interface GroupFacts {
  readonly status: AlertGroup["status"];
  readonly receiver: string;
  readonly groupLabels: LabelSet;
  readonly commonLabels: LabelSet;
  readonly commonAnnotations: LabelSet;
  readonly routeLabels: LabelSet;
  readonly externalURL: string;
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly notificationReason: NotificationReason | "";
  readonly title: string;
  readonly message: string;
  /** Labels under a short name, for `mention.users: ["{{labels.owner}}"]`. */
  readonly labels: LabelSet;
  readonly name: string;
  readonly severity: string;
  readonly common: readonly NameValue[];
  readonly summary: string;
  readonly description: string;
  readonly value: string;
  readonly start: string;
  readonly end: string;
  readonly duration: string;
  readonly stateKind: StateKind | "";
  readonly stateReason: string;
  readonly sameTimes: boolean;
  readonly picture: string;
  readonly highlights: readonly Highlight[];
  readonly links: readonly LinkView[];
  readonly linkTo: LinkTo;
  readonly firingCount: number;
  readonly resolvedCount: number;
  readonly alertCount: number;
  readonly firingWord: string;
  readonly resolvedWord: string;
  readonly allRecovered: boolean;
  readonly reminder: boolean;
  readonly late: string;
  readonly truncated: string;
  readonly compact: boolean;
}

export interface GroupView extends GroupFacts {
  readonly alerts: readonly AlertView[];
  readonly firing: readonly AlertView[];
  readonly resolved: readonly AlertView[];
  readonly part: PartView;
  readonly mentions: readonly string[];
  readonly unmentioned: string;
}

export interface ViewRun {
  readonly alerts: readonly AlertView[];
  readonly number: number;
  readonly total: number;
  readonly mentions: readonly string[];
  readonly unmentioned: string;
}

export function viewGroup(facts: GroupFacts, run: ViewRun): GroupView {
  const { alerts, number, total, mentions, unmentioned } = run;
  const view = {
    ...facts,
    alerts,
    firing: alerts.filter((alert) => alert.status === "firing"),
    resolved: alerts.filter((alert) => alert.status === "resolved"),
    part: { number, total, first: number === 1 },
    mentions,
    unmentioned,
  };
  return Object.defineProperty(view, wire, { enumerable: true, get: () => wireShape(view) });
}

/** Alertmanager's webhook body, with the alerts of this run. */
function wireShape(view: GroupView): object {
  const { receiver, status, alerts, groupLabels, commonLabels, commonAnnotations, externalURL } = view;
  const { groupKey, truncatedAlerts, notificationReason, routeLabels, title, message } = view;
  return {
    ...{
      receiver,
      status,
      alerts,
      groupLabels,
      commonLabels,
      commonAnnotations,
      externalURL,
      groupKey,
      truncatedAlerts,
    },
    ...(notificationReason === "" ? {} : { notificationReason }),
    ...(Object.keys(routeLabels).length === 0 ? {} : { routeLabels }),
    ...(title === "" ? {} : { title }),
    ...(message === "" ? {} : { message }),
  };
}
