// An alert as the page shows it, with the words and marks of messages.

import type { Alert } from "../domain/alert.ts";
import { destinationId, type GroupDelivery, type RoutedGroup } from "../domain/notification.ts";
import { builtInSeverities, type SeverityScale } from "../domain/severity.ts";
import { cleanLine } from "../render/markup/escape.ts";
import { type AlertCore, coreOf, coreSettings } from "../render/view/alert-core.ts";

export interface ShownAlert extends AlertCore {
  readonly alert: Alert;
  /** Name and subject, in one line. */
  readonly title: string;
}

export interface ShownOptions {
  /** Epoch ms. */
  readonly now: number;
  /** The built-in one when absent. */
  readonly severities?: SeverityScale;
  /** That of the destination when absent. */
  readonly language?: RoutedGroup["destination"]["language"];
}

/** In the order of the group. */
export function shownAlerts(routed: RoutedGroup, options: ShownOptions): readonly ShownAlert[] {
  const { now, severities = builtInSeverities, language = routed.destination.language } = options;
  const { timezone, display } = routed.destination;
  const delivery: GroupDelivery = {
    kind: "group",
    routed,
    destinationId: destinationId(routed.destination),
    acceptedAt: now,
    states: [],
    news: [],
    remindedAt: null,
    recoveredWhileWaiting: [],
    acknowledgedBy: [],
    recoveries: new Map(),
    notificationId: 0,
    late: false,
  };
  const settings = coreSettings(delivery, {
    now,
    language,
    timezone,
    display,
    severities,
    externalURL: null,
    actionLinks: null,
    people: new Map(),
    digest: { maxMessages: 1 },
    pictures: { file: null },
    voiceClip: null,
  });
  return routed.group.alerts.map((alert) => {
    const core = coreOf(alert, settings);
    return { ...core, alert, title: [cleanLine(core.name), core.subject].filter((text) => text !== "").join(" ") };
  });
}
