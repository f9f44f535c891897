// The page of a message with several alerts: each leads to its own page.

import { isAcknowledgeable } from "../domain/action.ts";
import type { Alert } from "../domain/alert.ts";
import type { RoutedGroup } from "../domain/notification.ts";
import { type AlertNow, firesNow } from "./alert-now.ts";
import {
  acknowledgedFacts,
  type PageContext,
  type PageState,
  type PhoneView,
  pageState,
  shellOf,
} from "./page-parts.ts";
import { shownAlerts } from "./shown-alert.ts";

export interface GroupPageInput {
  readonly routed: RoutedGroup;
  /** Of each alert. */
  readonly states: readonly AlertNow[];
}

/** A page with more takes long on a phone. The worst of these are shown; those that fire come first. */
const mostAlerts = 100;
const mostConsidered = 500;

const unknown: AlertNow = { kind: "unknown", why: "noAnswer", detail: "" };

export function groupPage({ routed, states }: GroupPageInput, context: PageContext): PhoneView {
  const { strings } = context;
  const { alerts } = routed.group;
  const all = alerts.map((alert, n) => ({ alert, now: states[n] ?? unknown }));
  const [firing, others] = [all.filter(fires), all.filter((one) => !fires(one))];
  const identities = firing.map(({ alert }) => alert.identity);
  const acknowledgeable = firing.filter(({ alert }) => isAcknowledgeable(alert, routed.group)).length;
  const rows = alertRows(routed, [...firing, ...others].slice(0, mostConsidered), context).slice(0, mostAlerts);
  return {
    view: "group",
    title: strings.alerts(alerts.length),
    model: {
      ...shellOf(context),
      count: strings.alerts(alerts.length),
      firing: strings.stillFiring(firing.length),
      facts: [
        ...acknowledgedFacts(identities, { context, timezone: routed.destination.timezone }),
        ...(all.some(({ now }) => now.kind === "unknown") ? [strings.asDelivered] : []),
      ],
      rows,
      more: alerts.length > rows.length ? strings.moreAlerts(alerts.length - rows.length) : "",
      canAcknowledge: acknowledgeable > 0,
      acknowledge: strings.acknowledgeAll(acknowledgeable),
    },
  };
}

interface AlertWithState {
  readonly alert: Alert;
  readonly now: AlertNow;
}

function fires({ alert, now }: AlertWithState): boolean {
  return firesNow(alert, now);
}

function alertRows(routed: RoutedGroup, considered: readonly AlertWithState[], context: PageContext) {
  const { language, now, severities } = context;
  const group = { ...routed.group, alerts: considered.map(({ alert }) => alert) };
  const placed = { context, timezone: routed.destination.timezone };
  const rows = shownAlerts({ ...routed, group }, { now, severities, language }).map((shown, n) => ({
    title: shown.title,
    href: context.linkTo(shown.alert.identity),
    rank: shown.rank,
    state: pageState(shown, considered[n]?.now ?? unknown, placed),
  }));
  return rows.toSorted((one, other) => urgencyOf(other) - urgencyOf(one));
}

function urgencyOf({ rank, state }: { readonly rank: number; readonly state: PageState }): number {
  return (state.fires ? 10 : 0) + rank;
}
