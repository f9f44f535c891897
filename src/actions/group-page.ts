// The page of a message with several alerts: each leads to its own page.

import type { RoutedGroup } from "../domain/notification.ts";
import type { AlertNow } from "./alert-now.ts";
import { acknowledgedFacts, type PageContext, type PhoneView, pageState, shellOf } from "./page-parts.ts";
import { shownAlerts } from "./shown-alert.ts";

export interface GroupPageInput {
  readonly routed: RoutedGroup;
  /** Of each alert. */
  readonly states: readonly AlertNow[];
}

/** A page with more takes long on a phone. */
const mostAlerts = 100;

export function groupPage({ routed, states }: GroupPageInput, context: PageContext): PhoneView {
  const { language, now, severities, strings } = context;
  const { timezone } = routed.destination;
  const placed = { context, timezone };
  const unknown: AlertNow = { kind: "unknown", why: "noAnswer", detail: "" };
  const rows = shownAlerts(routed, { now, severities, language }).map((shown, n) => {
    const state = pageState(shown, states[n] ?? unknown, placed);
    return { name: shown.name, title: shown.title, identity: shown.alert.identity, rank: shown.rank, state };
  });
  const firing = rows.filter(({ state }) => state.fires);
  const isUnknown = states.some(({ kind }) => kind === "unknown");
  const ordered = [
    ...firing.toSorted((one, other) => other.rank - one.rank),
    ...rows.filter(({ state }) => !state.fires),
  ];
  return {
    view: "group",
    title: strings.alerts(rows.length),
    model: {
      ...shellOf(context),
      count: strings.alerts(rows.length),
      firing: strings.stillFiring(firing.length),
      facts: [
        ...acknowledgedFacts(
          firing.map(({ identity }) => identity),
          placed,
        ),
        ...(isUnknown ? [strings.asDelivered] : []),
      ],
      rows: ordered.slice(0, mostAlerts).map((row) => ({ ...row, href: context.linkTo(row.identity) })),
      more: rows.length > mostAlerts ? strings.moreAlerts(rows.length - mostAlerts) : "",
      canAcknowledge: firing.length > 0,
      acknowledge: strings.acknowledgeAll(firing.length),
    },
  };
}
