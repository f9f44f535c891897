// Metric families with the project's prefix. Labels are bounded, so every series exists at zero from the start: rate() sees the
// first failure.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

export const metricPrefix = "alertmanager_wecom_";

type Labels = Readonly<Record<string, string | number>>;

/** The values that each label may have. */
type LabelValues<L extends Labels> = { readonly [Name in keyof L]: readonly L[Name][] };

/** In place of the values of a label: the bots of the config, which change with a reload. */
export const anyBot: readonly string[] = [];

interface CounterOf<L extends Labels> {
  /** By 1 without a count. */
  inc(labels: L, count?: number): void;
}

interface GaugeOf<L extends Labels> {
  set(labels: L, value: number): void;
  remove(labels: L): void;
}

export class MetricFamilies {
  readonly registry = new Registry();
  readonly #startBot: ((bot: string) => void)[] = [];
  readonly #bots = new Set<string>();

  counter<L extends Labels>(name: string, help: string, values: LabelValues<L>): CounterOf<L> {
    const counter = new Counter<string>({ ...this.#common(name, help), labelNames: Object.keys(values) });
    this.#start(values, (labels) => counter.inc(labels, 0));
    return {
      // Many counts are 0, and every series exists already.
      inc: (labels, count = 1) => {
        if (count > 0) counter.inc(labels, count);
      },
    };
  }

  /** @param start what a series shows until it is set */
  gauge<L extends Labels>(name: string, help: string, values: LabelValues<L>, start = 0): GaugeOf<L> {
    const gauge = new Gauge<string>({ ...this.#common(name, help), labelNames: Object.keys(values) });
    this.#start(values, (labels) => gauge.set(labels, start));
    return gauge;
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return new Histogram({ ...this.#common(name, help), buckets: [...buckets] });
  }

  /** Creates the series of bots that are new. Series that exist keep their values. */
  addBots(bots: readonly string[]): void {
    const added = bots.filter((bot) => !this.#bots.has(bot));
    for (const start of this.#startBot) for (const bot of added) start(bot);
    for (const bot of added) this.#bots.add(bot);
  }

  #common(name: string, help: string) {
    return { name: metricPrefix + name, help, registers: [this.registry] };
  }

  #start(values: Readonly<Record<string, readonly (string | number)[]>>, start: (labels: Labels) => void): void {
    if (values.bot !== anyBot) for (const labels of combinations(values)) start(labels);
    else this.#startBot.push((bot) => combinations({ ...values, bot: [bot] }).forEach(start));
  }
}

function combinations(values: Readonly<Record<string, readonly (string | number)[]>>): readonly Labels[] {
  return Object.entries(values).reduce<readonly Labels[]>(
    (rows, [name, all]) => rows.flatMap((row) => all.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}
