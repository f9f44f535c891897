// Alerts of many groups of one bot as templates see them: their rows, what is the same in every part (`digestFacts`), and
// a run of rows (`viewRun`). A file lists the same rows.

import type { Alert } from "../../domain/alert.ts";
import type { DigestDelivery, GroupDelivery } from "../../domain/notification.ts";
import { asOneLine, cleanText } from "../markup/escape.ts";
import type { RenderSettings } from "../settings.ts";
import { type AlertCore, coreOf, coreSettings, labelOf, severityRank, urgencyRank } from "./alert-core.ts";
import type { NameValue } from "./alert-view.ts";
import { fewestLabels } from "./chosen-labels.ts";
import { lateText, type RunView } from "./group-view.ts";
import { type Strings, stringsFor } from "./strings.ts";

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

interface Tally {
  readonly name: string;
  readonly count: number;
}

/** What is the same in every part. */
export type DigestFacts = Readonly<ReturnType<typeof digestFacts>>;

export type DigestView = DigestFacts & RunView<AlertRow>;

const tallies = 8;

export function digestFacts(delivery: DigestDelivery, rows: readonly AlertRow[], settings: RenderSettings) {
  const strings = stringsFor(settings.language);
  const resolved = rows.filter((row) => row.status === "resolved");
  const truncated = delivery.groups.reduce((sum, { routed }) => sum + routed.group.truncatedAlerts, 0);
  const allRecovered = resolved.every((row) => row.stateKind === "recovered");
  return {
    bot: delivery.bot,
    late: lateText(delivery, settings),
    /** Says how many alerts the senders left out. */
    truncated: truncated > 0 ? strings.truncated(truncated) : "",
    alertCount: rows.length,
    groupCount: delivery.groups.length,
    firingCount: rows.length - resolved.length,
    resolvedCount: resolved.length,
    firingWord: strings.states.firing,
    resolvedWord: strings.states[allRecovered ? "recovered" : "closed"],
    /** The worst first. */
    severities: tally(rows.map((row) => row.severity).filter((severity) => severity !== "")).toSorted(
      (a, b) => severityRank(b.name) - severityRank(a.name),
    ),
    /** The most frequent first; the last counts those not listed. */
    names: countedNames(
      rows.map(({ name }) => name),
      strings,
    ),
    /** Says that only some are listed and a file follows; empty when all are. */
    inFile: "",
  };
}

/** The most frequent first. */
function tally(names: readonly string[]): readonly Tally[] {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, all]) => ({ name, count: all.length })).toSorted((a, b) => b.count - a.count);
}

/** The most frequent names, and the others as one. */
export function countedNames(names: readonly string[], strings: Strings): readonly Tally[] {
  const all = tally(names);
  const rest = all.slice(tallies);
  if (rest.length < 2) return all;
  const count = rest.reduce((sum, one) => sum + one.count, 0);
  return [...all.slice(0, tallies), { name: strings.otherNames(rest.length), count }];
}
