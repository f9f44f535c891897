// Metric families with the project's prefix. Series of a closed label set exist at zero, so that rate() sees the first failure.

import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export const metricPrefix = "alertmanager_wecom_";

export interface Families {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
}

export function familiesOf(registry: Registry): Families {
  const common = (name: string, help: string) => ({ name: metricPrefix + name, help, registers: [registry] });
  return {
    counter: (name, help, labels = []) => new Counter({ ...common(name, help), labelNames: [...labels] }),
    gauge: (name, help, labels = []) => new Gauge({ ...common(name, help), labelNames: [...labels] }),
    histogram: (name, help, buckets) => new Histogram({ ...common(name, help), buckets: [...buckets] }),
  };
}

/** Creates the series of every combination of the given label values. Existing ones keep their value. */
export function startAtZero<L extends string>(
  family: Counter<L> | Gauge<L>,
  values: Readonly<Record<L, readonly string[]>>,
): void {
  for (const labels of combinations(values)) family.inc(labels, 0);
}

function combinations<L extends string>(values: Readonly<Record<L, readonly string[]>>): Record<L, string>[] {
  const names = Object.keys(values) as L[];
  return names.reduce<Record<L, string>[]>(
    (rows, name) => rows.flatMap((row) => values[name].map((value) => ({ ...row, [name]: value }))),
    [{} as Record<L, string>],
  );
}
