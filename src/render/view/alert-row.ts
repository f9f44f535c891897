// Alerts of one or many groups as rows of a digest or a file, in reading order.

import type { Alert } from "../../domain/alert.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import { asOneLine, cleanText } from "../markup/escape.ts";
import type { RenderSettings } from "../settings.ts";
import { type AlertCore, coreOf, coreSettings, labelOf, urgencyRank } from "./alert-core.ts";
import type { NameValue } from "./alert-view.ts";
import { fewestLabels } from "./chosen-labels.ts";

export interface AlertRow extends AlertCore {
  readonly status: Alert["status"];
  readonly labels: Alert["labels"];
  readonly differing: readonly NameValue[];
}

export interface SourcedRow {
  readonly row: AlertRow;
  readonly alert: Alert;
  readonly receiver: string;
}

/** Firing before resolved, then the worst severity first, then as they were accepted. */
export function rowsOf(deliveries: readonly GroupDelivery[], settings: RenderSettings): readonly SourcedRow[] {
  const plain = deliveries.flatMap((delivery) => {
    const { alerts, receiver } = delivery.routed.group;
    const core = coreSettings(delivery, settings);
    return alerts.map((alert) => ({ alert, receiver, core: coreOf(alert, core) }));
  });
  const labels = new Map(
    [...Map.groupBy(plain, ({ core }) => core.name)].map(([name, rows]) => [
      name,
      fewestLabels(rows.map(({ alert }) => alert)),
    ]),
  );
  const rank = ({ alert, core }: (typeof plain)[number]) => urgencyRank(alert.status, core.severity);
  const ordered = plain.toSorted((a, b) => rank(b) - rank(a));
  return ordered.map(({ alert, receiver, core }) => {
    const named = labels.get(core.name) ?? [];
    const differing = named.flatMap((name) => {
      const value = labelOf(alert.labels, name);
      return value === "" ? [] : [{ name: inLine(name), value: inLine(value) }];
    });
    const shown = { ...core, name: inLine(core.name), severity: inLine(core.severity) };
    return { alert, receiver, row: { ...shown, status: alert.status, labels: alert.labels, differing } };
  });
}

/** A row is one line. */
function inLine(text: string): string {
  return asOneLine(cleanText(text)).trim();
}
