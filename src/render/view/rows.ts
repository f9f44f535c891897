// Where the labels of alerts are shown: once for all, in columns or by name in a row each, or folded into the last line.

import { commonPairs, type LabelSet } from "../../domain/alert.ts";
import { cleanLine } from "../markup/escape.ts";
import { fewestLabels, labelRank } from "./chosen-labels.ts";
import type { DescribedAlert } from "./describe.ts";
import { labelOf, type NameValue, shownAsHeading } from "./labels.ts";
import type { Strings } from "./strings.ts";
import { dependsOnValue, type FoldingRules, isFolded } from "./subject.ts";

/** Names of labels that are not part of the heading. Those of subjects come first, then what says most about where. */
export interface LabelPlaces {
  readonly shown: readonly string[];
  readonly folded: readonly string[];
}

/** A label is folded for all alerts or for none: folded if it is for one, shown if it is the subject of one. */
export function placesOf(alerts: readonly DescribedAlert[], rules: FoldingRules): LabelPlaces {
  const folds = new Map<string, boolean>();
  for (const { alert, about } of alerts) {
    const heading = shownAsHeading(alert.labels);
    for (const name of Object.keys(alert.labels)) {
      if (heading.has(name) || folds.get(name) === true || (folds.has(name) && !dependsOnValue(name))) continue;
      folds.set(name, isFolded(name, alert.labels, { subject: about, rules }));
    }
  }
  const subjects = new Set(alerts.flatMap(({ about }) => about.labels));
  const names = [...folds.keys()];
  const shown = names.filter((name) => !folds.get(name) || subjects.has(name));
  const rank = (name: string) => (subjects.has(name) ? -1 : labelRank(name));
  return {
    shown: shown.toSorted((a, b) => rank(a) - rank(b)),
    folded: names.filter((name) => folds.get(name) && !subjects.has(name)),
  };
}

export function pairsOf(labels: LabelSet, names: readonly string[]): readonly NameValue[] {
  return names.filter((name) => Object.hasOwn(labels, name)).map((name) => ({ name, value: labels[name] ?? "" }));
}

export interface Table {
  /** `value` is what all cells end with, like `:9100`: it stands in the head only. */
  readonly columns: readonly NameValue[];
  readonly rows: readonly TableRow[];
  /** Folded labels that the rows show, where no others tell the alerts apart. */
  readonly shownFolded: readonly string[];
}

interface TableRow {
  /** A value for each column, without what all end with. */
  readonly cells: readonly string[];
  /** Labels that not all have, or that there is no column for. */
  readonly pairs: readonly NameValue[];
  /** The labels that cells and pairs show, with their whole values. */
  readonly own: readonly NameValue[];
}

/** The most columns that have a head above them. */
export const columnsMax = 3;

/** A row for each alert with what is not common to all. No two rows are equal unless all labels are. */
export function tableOf(alerts: readonly DescribedAlert[], { shown, folded }: LabelPlaces, most: number): Table {
  const sets = alerts.map(({ alert }) => alert.labels);
  const common = commonPairs(sets);
  const shownFolded = identifyingLabels(alerts, { shown, folded }).filter((name) => !Object.hasOwn(common, name));
  const differing = [...shown.filter((name) => !Object.hasOwn(common, name)), ...shownFolded];
  const named = differing.filter((name) => sets.every((labels) => labelOf(labels, name).trim() !== ""));
  const columns = named.slice(0, most);
  const rest = differing.filter((name) => !columns.includes(name));
  const ends = columns.map((name) => samePort(sets.map((labels) => labels[name] ?? "")));
  return {
    columns: columns.map((name, at) => ({ name, value: ends[at] ?? "" })),
    rows: sets.map((labels) => {
      const pairs = pairsOf(labels, rest);
      const cells = columns.map((name, at) => {
        const value = labels[name] ?? "";
        return cleanLine(value.slice(0, value.length - (ends[at]?.length ?? 0)));
      });
      return { cells, pairs, own: [...pairsOf(labels, columns), ...pairs] };
    }),
    shownFolded,
  };
}

/** Folded labels without which two alerts would look the same. */
function identifyingLabels(alerts: readonly DescribedAlert[], { shown, folded }: LabelPlaces): readonly string[] {
  const looks = new Set(alerts.map(({ alert }) => JSON.stringify(pairsOf(alert.labels, shown))));
  if (looks.size === alerts.length) return [];
  return fewestLabels(alerts.map(({ alert }) => alert)).filter((name) => folded.includes(name));
}

const samePortRows = 4;

function samePort(values: readonly string[]): string {
  const port = /:\d+$/.exec(values[0] ?? "")?.[0] ?? "";
  return values.length >= samePortRows && values.every((value) => value.endsWith(port)) ? port : "";
}

/** A list of values that is longer is only counted. */
const listedMaxChars = 120;

/** Folded labels of all alerts: one value, the list of values, or how many there are. */
export function foldedLabels(
  sets: readonly LabelSet[],
  names: readonly string[],
  strings: Strings,
): readonly NameValue[] {
  return names.flatMap((name) => {
    const values = [...new Set(sets.flatMap((labels) => pairsOf(labels, [name]).map(({ value }) => value)))];
    if (values.length === 0) return [];
    const value = values.join(", ");
    const isListed = values.length === 1 || value.length <= listedMaxChars;
    return [{ name, value: isListed ? value : strings.values(values.length) }];
  });
}
