// Which rule of a datasource an alert comes from. The expression of an alert is alert text: by default only that of a rule is used.

import type { Alert, LabelSet } from "../../domain/alert.ts";
import type { AlertingRule } from "./answer.ts";
import type { RuleHint } from "./generator-url.ts";

/** The name of the rule: the label `alertname`, null without one. */
export function ruleNameOf({ labels }: Pick<Alert, "labels">): string | null {
  const name = Object.hasOwn(labels, "alertname") ? labels.alertname : undefined;
  return name === undefined || name === "" ? null : name;
}

/**
 * The expression of the rule with the alert's name and the expression of its generatorURL. An alert without an expression has the one
 * that all rules of its name share which could have made its labels. Null when there is none: then nothing is asked.
 */
export function ruleExpression(
  rules: readonly AlertingRule[],
  alert: Pick<Alert, "labels">,
  { expression, groupId }: RuleHint,
): string | null {
  const named = rules.filter(({ name }) => name === ruleNameOf(alert));
  if (expression !== null) return named.find(({ query }) => isSame(query, expression))?.query ?? null;
  const ofGroup = named.filter((rule) => groupId !== null && rule.groupId === groupId);
  const candidates = ofGroup.length > 0 ? ofGroup : named;
  const fitting = candidates.filter(({ labels }) => couldMake(labels, alert.labels));
  const queries = new Set(fitting.map(({ query }) => query));
  return queries.size === 1 ? ([...queries][0] ?? null) : null;
}

/** Servers differ in where they break the lines of an expression. */
function isSame(query: string, expression: string): boolean {
  return query === expression || oneLine(query) === oneLine(expression);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** The result of a template cannot be known, and an empty value removes the label. */
function couldMake(ruleLabels: LabelSet, labels: LabelSet): boolean {
  return Object.entries(ruleLabels).every(([name, value]) => {
    return value === "" || value.includes("{{") || (Object.hasOwn(labels, name) && labels[name] === value);
  });
}
