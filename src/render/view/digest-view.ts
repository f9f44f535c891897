// Many groups of one bot as templates see them: what is the same in every part (`digestFacts`), and a run of rows (`viewRun`).

import type { DigestDelivery } from "../../domain/notification.ts";
import type { RenderSettings } from "../settings.ts";
import { severityRank } from "./alert-core.ts";
import type { AlertRow } from "./alert-row.ts";
import type { RunView } from "./group-view.ts";
import { clockOf, humanSpan, type Strings, stringsFor } from "./strings.ts";

interface Tally {
  readonly name: string;
  readonly count: number;
}

/** What is the same in every part. */
export interface DigestFacts {
  readonly bot: string;
  readonly late: string;
  /** Says how many alerts the senders left out. */
  readonly truncated: string;
  readonly alertCount: number;
  readonly groupCount: number;
  readonly firingCount: number;
  readonly resolvedCount: number;
  readonly firingWord: string;
  readonly resolvedWord: string;
  /** The worst first. */
  readonly severities: readonly Tally[];
  /** The most frequent first; the last counts those not listed. */
  readonly names: readonly Tally[];
  /** Says that only some are listed and a file follows; empty when all are. */
  readonly inFile: string;
}

export type DigestView = DigestFacts & RunView<AlertRow>;

const tallies = 8;

export function digestFacts(
  delivery: DigestDelivery,
  rows: readonly AlertRow[],
  settings: RenderSettings,
): DigestFacts {
  const strings = stringsFor(settings.language);
  const resolved = rows.filter((row) => row.status === "resolved");
  const truncated = delivery.groups.reduce((sum, { routed }) => sum + routed.group.truncatedAlerts, 0);
  const allRecovered = resolved.every((row) => row.stateKind === "recovered");
  return {
    bot: delivery.bot,
    late: delivery.late ? lateness(delivery, settings, strings) : "",
    truncated: truncated > 0 ? strings.truncated(truncated) : "",
    alertCount: rows.length,
    groupCount: delivery.groups.length,
    firingCount: rows.length - resolved.length,
    resolvedCount: resolved.length,
    firingWord: strings.states.firing,
    resolvedWord: strings.states[allRecovered ? "recovered" : "closed"],
    severities: tally(rows.map((row) => row.severity).filter((severity) => severity !== "")).toSorted(
      (a, b) => severityRank(b.name) - severityRank(a.name),
    ),
    names: countedNames(
      rows.map(({ name }) => name),
      strings,
    ),
    inFile: "",
  };
}

function lateness({ acceptedAt }: DigestDelivery, { now, timezone }: RenderSettings, strings: Strings): string {
  return strings.late(humanSpan(now - acceptedAt, strings), clockOf(timezone)(acceptedAt));
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
