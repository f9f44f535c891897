// The rules of the simulator as rows for the inspection API and the README, made from the rule tables themselves.

import type { FieldRule } from "./field-rule.ts";
import { ruleTables } from "./message-rules.ts";
import type { Confidence } from "./refusals.ts";
import { type RobotRefusal, refusals } from "./refusals.ts";

interface RuleRow {
  /** The message type, or "both cards". */
  readonly subject: string;
  readonly field: string;
  readonly demands: string;
  readonly source: string;
  readonly confidence: Confidence;
}

interface RuleList {
  readonly fields: readonly RuleRow[];
  readonly refusals: readonly (RobotRefusal & { readonly name: string })[];
}

const cards = ["template_card/text_notice", "template_card/news_notice"];

/** A rule of both cards is listed once. */
export function describeRules(): RuleList {
  const rows = Object.entries(ruleTables).flatMap(([subject, rules]) => rules.map((rule) => ruleRowOf(subject, rule)));
  const isShared = (row: RuleRow) =>
    cards.every((card) => rows.some((other) => other.subject === card && isSameRule(other, row)));
  const fields = rows
    .filter((row) => row.subject !== cards[1] || !isShared(row))
    .map((row) => (isShared(row) ? { ...row, subject: "both cards" } : row));
  return { fields, refusals: Object.entries(refusals).map(([name, refusal]) => ({ name, ...refusal })) };
}

function isSameRule(a: RuleRow, b: RuleRow): boolean {
  return a.field === b.field && a.demands === b.demands;
}

function ruleRowOf(subject: string, rule: FieldRule): RuleRow {
  const { path, source, confidence } = rule;
  return { subject, field: path, demands: demandsOf(rule).join("; "), source, confidence };
}

function demandsOf(rule: FieldRule): readonly string[] {
  const { requiredWhen, items, range, values } = rule;
  return [
    rule.type,
    ...(rule.required === true ? ["required"] : []),
    ...(requiredWhen === undefined ? [] : [`required when ${requiredWhen.sibling} is ${requiredWhen.is}`]),
    ...(rule.maxBytes === undefined ? [] : [`at most ${rule.maxBytes} bytes`]),
    ...(rule.cutBytes === undefined ? [] : [`cut after ${rule.cutBytes} bytes`]),
    ...(rule.adviceChars === undefined ? [] : [`at most ${rule.adviceChars} characters advised`]),
    ...(items === undefined ? [] : [`${items[0]} to ${items[1]} items`]),
    ...(range === undefined ? [] : [`${range[0]} to ${range[1]}`]),
    ...(values === undefined ? [] : [`one of ${values.join(", ")}`]),
  ];
}
