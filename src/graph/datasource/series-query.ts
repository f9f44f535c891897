// PromQL that gives the chosen series of any expression and no others, so that a range query never returns thousands.

import type { LabelSet } from "../../domain/alert.ts";
import { seriesLabelNames } from "./alert-series.ts";

/**
 * `(expr) and on (a, b) (label_replace(…) or …)`: the right side is made of one `vector(1)` for each series, with its labels.
 * @param wanted labels of at least one series
 */
export function seriesQuery(expression: string, wanted: readonly LabelSet[]): string {
  const names = [...new Set(wanted.flatMap(seriesLabelNames))].toSorted();
  const vectors = [...new Set(wanted.map(labelledVector))];
  // The line ends keep a comment at the end of the expression from taking the rest.
  return `(\n${expression}\n) and on (${names.map(labelName).join(", ")}) (${vectors.join(" or ")})`;
}

function labelledVector(labels: LabelSet): string {
  return seriesLabelNames(labels)
    .toSorted()
    .reduce((vector, name) => {
      // In a replacement `$` begins the name of a group.
      const replacement = promqlString((labels[name] ?? "").replaceAll("$", "$$$$"));
      return `label_replace(${vector}, ${promqlString(name)}, ${replacement}, "", "")`;
    }, "vector(1)");
}

/** Quoted, other names work from Prometheus 3 on, which alone has them. */
function labelName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) ? name : promqlString(name);
}

/** The escapes of JSON are escapes of Go too, which PromQL has. Go has no halves of surrogate pairs. */
function promqlString(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
