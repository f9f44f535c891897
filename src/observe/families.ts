// Metric families with the project's prefix. Labels are bounded, so series exist at zero from the start: rate() sees the first
// failure. Counters by bot are the exception: with a thousand bots nearly all of their series would be zero.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

export const metricPrefix = "alertmanager_wecom_";

type Labels = Readonly<Record<string, string | number>>;

/** The values that each label may have. */
type LabelValues<L extends Labels> = { readonly [Name in keyof L]: readonly L[Name][] };

/** In place of the values of a label: the bots of the config, which change with a reload. */
export const anyBot: readonly string[] = [];

/** In place of the values of a label: the datasources of the config. Their series appear with their first value. */
export const anyDatasource: readonly string[] = [];

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

  /** With the label `bot` a series appears with its first count, else it exists at zero. */
  counter<L extends Labels>(name: string, help: string, values: LabelValues<L>): CounterOf<L> {
    const counter = new Counter<string>({ ...this.#common(name, help), labelNames: Object.keys(values) });
    for (const labels of combinations(values)) counter.inc(labels, 0);
    return {
      // Many counts are 0; they make no series.
      inc: (labels, count = 1) => {
        if (count > 0) counter.inc(labels, count);
      },
    };
  }

  /**
   * Two counters: `name` has no bot, so its series exist at zero, and `…_by_bot_total` says which bots. In one family
   * sum() would count each failure twice.
   */
  failures<L extends Labels>(
    name: string,
    help: string,
    values: LabelValues<L>,
  ): CounterOf<L & { readonly bot: string }> {
    const all = this.counter<Labels>(name, help, values);
    const byBot = this.counter<Labels>(name.replace("_total", "_by_bot_total"), help, { bot: anyBot, ...values });
    return {
      inc: ({ bot, ...labels }, count) => {
        all.inc(labels, count);
        byBot.inc({ bot, ...labels }, count);
      },
    };
  }

  /** @param start what a series shows until it is set; with null it appears then */
  gauge<L extends Labels>(name: string, help: string, values: LabelValues<L>, start: number | null = 0): GaugeOf<L> {
    const gauge = new Gauge<string>({ ...this.#common(name, help), labelNames: Object.keys(values) });
    const show = (labels: Labels) => start !== null && gauge.set(labels, start);
    combinations(values).forEach(show);
    if (values.bot === anyBot) this.#startBot.push((bot) => combinations({ ...values, bot: [bot] }).forEach(show));
    return gauge;
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return new Histogram({ ...this.#common(name, help), buckets: [...buckets] });
  }

  /** Creates the gauges of bots that are new. Series that exist keep their values. */
  addBots(bots: readonly string[]): void {
    const added = bots.filter((bot) => !this.#bots.has(bot));
    for (const start of this.#startBot) for (const bot of added) start(bot);
    for (const bot of added) this.#bots.add(bot);
  }

  #common(name: string, help: string) {
    return { name: metricPrefix + name, help, registers: [this.registry] };
  }
}

function combinations(values: Readonly<Record<string, readonly (string | number)[]>>): readonly Labels[] {
  return Object.entries(values).reduce<readonly Labels[]>(
    (rows, [name, all]) => rows.flatMap((row) => all.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}
