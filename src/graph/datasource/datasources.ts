// The evidence that the configured datasources have about alerts: their graph, and whether they recovered by their value.

import type { Alert, AlertGroup } from "../../domain/alert.ts";
import type { GraphOmission, QueryFailure } from "../../domain/datasource-query.ts";
import type { Recovery } from "../../domain/recovery.ts";
import type { Clock } from "../../observe/clock.ts";
import { type Expression, readExpression } from "../expression.ts";
import type { GraphContent } from "../graph-content.ts";
import { chooseSeries } from "./alert-series.ts";
import { askRecoveries } from "./ask-recoveries.ts";
import type { Asked, Datasource } from "./datasource.ts";
import { datasourceOf, type RuleHint, ruleHintOf } from "./generator-url.ts";
import { type GraphLook, graphFrom } from "./graph-of.ts";
import { graphRange, resolvedAtOf } from "./graph-range.ts";
import { mayHaveRecovered, recoverySeenAt } from "./recovery-of.ts";
import { ruleExpression, ruleNameOf } from "./rule.ts";
import { seriesQuery } from "./series-query.ts";

export type GraphResult =
  | { readonly kind: "graph"; readonly content: GraphContent }
  | { readonly kind: "omitted"; readonly reason: GraphOmission };

export interface GraphOptions extends GraphLook {
  /** Ends the wait; what was asked goes on, for others who ask the same. */
  readonly signal: AbortSignal;
}

/** The alerts of a group that one rule of one datasource made. */
interface RuleAlerts {
  readonly datasource: Datasource;
  readonly name: string;
  readonly hint: RuleHint;
  readonly alerts: readonly Alert[];
}

/** Of different rules or times in one delivery; the others are not asked. */
const maxRecoveryQuestions = 8;

export class Datasources {
  readonly #datasources: readonly Datasource[];
  readonly #clock: Pick<Clock, "wall">;

  constructor(datasources: readonly Datasource[], clock: Pick<Clock, "wall">) {
    this.#datasources = datasources;
    this.#clock = clock;
  }

  /** Of the rule that most of the group's alerts are of, firing ones first. */
  async graphOf({ alerts }: Pick<AlertGroup, "alerts">, options: GraphOptions): Promise<GraphResult> {
    const firing = this.#byRule(alerts.filter(({ status }) => status === "firing"));
    const rules = firing.length > 0 ? firing : this.#byRule(alerts);
    const [most] = rules.toSorted((a, b) => b.alerts.length - a.alerts.length);
    if (most === undefined) return { kind: "omitted", reason: this.#knows(alerts) ? "noRule" : "unknownSource" };
    // A group that fires in part shows what has recovered too.
    const shown = this.#byRule(alerts).find((one) => isSameRule(one, most)) ?? most;
    const asked = await this.#graphOfRule(shown, options);
    return asked.kind === "answer"
      ? { kind: "graph", content: asked.value }
      : { kind: "omitted", reason: asked.reason };
  }

  /** By identity, of the resolved alerts of which something is certain. */
  async recoveriesOf(alerts: readonly Alert[], signal: AbortSignal): Promise<ReadonlyMap<string, Recovery>> {
    const questions = this.#byRule(alerts.filter(mayHaveRecovered)).flatMap((rule) =>
      [...Map.groupBy(rule.alerts, ({ endsAt }) => endsAt).values()].map((own) => ({ ...rule, alerts: own })),
    );
    const answers = await Promise.all(
      questions.slice(0, maxRecoveryQuestions).map((question) => this.#recoveries(question, signal)),
    );
    return new Map(answers.flat());
  }

  async close(): Promise<void> {
    await Promise.all(this.#datasources.map((datasource) => datasource.close()));
  }

  #datasourceOf(generatorURL: string | null): Datasource | null {
    const settings = this.#datasources.map((datasource) => datasource.settings);
    const found = datasourceOf(generatorURL, settings);
    return this.#datasources.find((datasource) => datasource.settings === found) ?? null;
  }

  #knows(alerts: readonly Alert[]): boolean {
    return alerts.some(({ links }) => this.#datasourceOf(links.generatorURL) !== null);
  }

  /** The alerts of a rule that one server sends share their generatorURL: it is read once. */
  #byRule(alerts: readonly Alert[]): readonly RuleAlerts[] {
    const byURL = Map.groupBy(alerts, ({ links }) => links.generatorURL);
    const found = [...byURL].flatMap(([generatorURL, own]) => {
      const datasource = this.#datasourceOf(generatorURL);
      if (datasource === null) return [];
      const hint = ruleHintOf(generatorURL);
      return [...Map.groupBy(own, ruleNameOf)].flatMap(([name, named]) =>
        name === null ? [] : [{ datasource, name, hint, alerts: named }],
      );
    });
    const rules = Map.groupBy(found, ({ datasource, name, hint }) =>
      JSON.stringify([datasource.settings.name, name, hint.expression, hint.groupId]),
    );
    return [...rules.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ ...first, alerts: [first, ...others].flatMap((one) => one.alerts) }],
    );
  }

  /** The rule of the first alert, and the alerts that are of it: rules of one name may differ in their labels only. */
  async #ruleOf({ datasource, name, hint, alerts }: RuleAlerts, signal: AbortSignal): Promise<Evidence<FoundRule>> {
    const { expression } = hint;
    if (datasource.settings.expressions === "any" && expression !== null) {
      return { kind: "answer", value: { query: expression, alerts } };
    }
    const rules = await datasource.rules(name, signal);
    if (rules.kind === "failed") return rules;
    const queries = alerts.map((alert) => ruleExpression(rules.value, alert, hint));
    const query = queries.find((one) => one !== null) ?? null;
    if (query === null) return { kind: "failed", reason: "noRule" };
    return { kind: "answer", value: { query, alerts: alerts.filter((_, n) => queries[n] === query) } };
  }

  async #graphOfRule(rule: RuleAlerts, { signal, ...look }: GraphOptions): Promise<Evidence<GraphContent>> {
    const { datasource, name } = rule;
    const ruled = await this.#ruleOf(rule, signal);
    if (ruled.kind === "failed") return ruled;
    const { query, alerts } = ruled.value;
    const expression = readExpression(query);
    const found = await this.#seriesOf({ ...rule, alerts }, expression, signal);
    if (found.kind === "failed") return found;
    const { chosen, isGone } = found.value;
    const range = graphRange(alerts, this.#clock.wall());
    const wanted = chosen.shown.map(({ series }) => series.labels);
    const asked = await datasource.range(seriesQuery(expression.draw, wanted), range, signal);
    if (asked.kind === "failed") return asked;
    const answers = { alerts, name, query, source: datasource.settings.name, expression };
    return {
      kind: "answer",
      value: graphFrom({ ...answers, chosen, isGone, range, series: asked.value.series }, look),
    };
  }

  /** Of the alerts as they are now, or at their recovery; where they are gone, as they were when the last one began. */
  async #seriesOf({ datasource, alerts }: RuleAlerts, { draw, thresholds }: Expression, signal: AbortSignal) {
    const sought = { alerts: alerts.map(({ labels }) => labels), thresholds };
    const resolvedAt = resolvedAtOf(alerts);
    const seenAt = resolvedAt === null ? null : recoverySeenAt(resolvedAt, this.#clock.wall());
    const starts = alerts.flatMap(({ startsAt }) => (startsAt === null ? [] : [startsAt]));
    for (const at of [seenAt, ...(starts.length > 0 ? [Math.max(...starts)] : [])]) {
      const asked = await datasource.instant(draw, at, signal);
      if (asked.kind === "failed") return asked;
      const chosen = chooseSeries(asked.value.series, sought);
      if (chosen.shown.length > 0) return { kind: "answer", value: { chosen, isGone: at !== seenAt } } as const;
    }
    return { kind: "failed", reason: "noSeries" } as const;
  }

  /** All with the same end. */
  async #recoveries(rule: RuleAlerts, signal: AbortSignal): Promise<readonly (readonly [string, Recovery])[]> {
    const { datasource } = rule;
    const endsAt = resolvedAtOf(rule.alerts);
    const ruled = endsAt === null ? null : await this.#ruleOf(rule, signal);
    if (endsAt === null || ruled?.kind !== "answer") return [];
    const expression = readExpression(ruled.value.query);
    if (!expression.comparable) return [];
    const now = this.#clock.wall();
    return askRecoveries({ datasource, expression, alerts: ruled.value.alerts, endsAt, now, signal });
  }
}

interface FoundRule {
  readonly query: string;
  readonly alerts: readonly Alert[];
}

type Evidence<T> = Asked<T> | { readonly kind: "failed"; readonly reason: Exclude<GraphOmission, QueryFailure> };

function isSameRule(one: RuleAlerts, other: RuleAlerts): boolean {
  return (
    one.datasource === other.datasource && one.name === other.name && one.hint.expression === other.hint.expression
  );
}
