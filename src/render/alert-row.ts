// Alerts of one telling, of one group or of many, as rows: in reading order, each with the labels that tell it from the
// others of its name. What a digest lists and a file holds.

import type { Alert } from "../domain/alert.ts";
import type { GroupTelling } from "../domain/notification.ts";
import { type AlertCore, coreOf, saidElsewhere } from "./alert-core.ts";
import type { NameValue } from "./alert-view.ts";
import { cleanText, oneLine } from "./escape.ts";
import { tellingRank } from "./highlights.ts";
import type { RenderSettings } from "./settings.ts";
import { own, severityRank } from "./severity.ts";
import { clockOf, wordsOf } from "./words.ts";

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
export function rowsOf(tellings: readonly GroupTelling[], settings: RenderSettings): readonly SourcedRow[] {
  const words = wordsOf(settings.language);
  const shared = { words, clock: clockOf(settings.timezone), now: settings.now, language: settings.language };
  const plain = tellings.flatMap(({ routed, recoveredWhileWaiting }) => {
    const own = { ...shared, recoveredWhileWaiting: new Set(recoveredWhileWaiting) };
    return routed.group.alerts.map((alert) => ({
      alert,
      receiver: routed.group.receiver,
      core: coreOf(alert, own),
    }));
  });
  const labels = tellingLabels(plain.map(({ alert, core }) => ({ name: core.name, alert })));
  const ordered = plain.toSorted((a, b) => rank(b) - rank(a));
  return ordered.map(({ alert, receiver, core }) => {
    const named = labels.get(core.name) ?? [];
    const differing = named.flatMap((name) => {
      const value = own(alert.labels, name);
      return value === "" ? [] : [{ name: inLine(name), value: inLine(value) }];
    });
    const shown = { ...core, name: inLine(core.name), severity: inLine(core.severity) };
    return { alert, receiver, row: { ...shown, status: alert.status, labels: alert.labels, differing } };
  });
}

/** A row is one line. */
function inLine(text: string): string {
  return oneLine(cleanText(text)).trim();
}

function rank({ alert, core }: { readonly alert: Alert; readonly core: AlertCore }): number {
  return (alert.status === "firing" ? 10 : 0) + severityRank(core.severity);
}

/**
 * By alertname: the fewest labels that tell its alerts apart, the most telling first. At least one where there is any: an
 * alert that is alone under its name still happened somewhere.
 */
function tellingLabels(
  named: readonly { readonly name: string; readonly alert: Alert }[],
): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(named, ({ name }) => name);
  return new Map([...groups].map(([name, group]) => [name, fewest(group.map(({ alert }) => alert))]));
}

function fewest(alerts: readonly Alert[]): readonly string[] {
  const names = namesIn(alerts);
  const wanted = new Set(alerts.map((alert) => keyOf(alert, names))).size;
  const chosen: string[] = [];
  let keys = alerts.map(() => "");
  let apart = 1;
  for (const name of names) {
    if (apart === wanted && chosen.length > 0) break;
    const longer = alerts.map((alert, index) => `${keys[index]}\0${own(alert.labels, name)}`);
    const now = new Set(longer).size;
    if (now === apart && chosen.length > 0) continue;
    chosen.push(name);
    keys = longer;
    apart = now;
  }
  return chosen;
}

function keyOf({ labels }: Alert, names: readonly string[]): string {
  return names.map((name) => own(labels, name)).join("\0");
}

/** Every label name but those that stand in a place of their own; the most telling first. */
function namesIn(alerts: readonly Alert[]): readonly string[] {
  const names = new Set<string>();
  for (const { labels } of alerts) {
    const said = saidElsewhere(labels);
    for (const name of Object.keys(labels)) if (!said.has(name)) names.add(name);
  }
  return [...names].toSorted((a, b) => tellingRank(a) - tellingRank(b));
}
