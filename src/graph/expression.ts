// What an alert's expression says about its picture: the series to draw and the constants they are compared with. What is
// not understood is drawn as it is, without a threshold: a line in the wrong place is worse than none.

import type { SyntaxNode } from "@lezer/common";
import { constantOf } from "./promql/constant.ts";
import {
  type BinaryNode,
  binaryOf,
  type ComparisonOperator,
  comparisonOperators,
  type ExprText,
  exprTextOf,
  parsePromql,
  partsOf,
  unwrapped,
} from "./promql/tree.ts";

/** The alert fires where `value of the series` `op` `value`. */
export interface Threshold {
  readonly op: ComparisonOperator;
  /** Finite. */
  readonly value: number;
}

export interface Expression {
  /** PromQL without the comparison, so that a graph also shows what was before the crossing; or the whole text. */
  readonly draw: string;
  readonly thresholds: readonly Threshold[];
  /**
   * The thresholds are all that decides, besides the right sides of `and`. False with `absent`, `or`, `unless` and a
   * comparison with another series: there, a value says nothing about why the alert recovered.
   */
  readonly comparable: boolean;
  /** The drawn part has comparisons or `and` of its own, as in `count(up == 0)`: where its series ends, nothing is lost. */
  readonly filtered: boolean;
}

/** Never throws. MetricsQL that is not PromQL (`1k`, `WITH`) is drawn whole. */
export function readExpression(text: string): Expression {
  const top = parsePromql(text);
  if (top === null) return { draw: text, thresholds: [], comparable: false, filtered: true };
  const textOf = exprTextOf(text);
  const { series, thresholds, hasSeriesLimit } = read(top, textOf) ?? drawn(top);
  const comparable = thresholds.length > 0 && !hasSeriesLimit && !firesAlways(top) && !contains(top, isOtherCause);
  return { draw: textOf(series), thresholds, comparable, filtered: contains(series, isFilter) };
}

interface Reading {
  readonly series: SyntaxNode;
  readonly thresholds: readonly Threshold[];
  /** It is compared with another series, not with a constant. */
  readonly hasSeriesLimit: boolean;
}

const drawn = (series: SyntaxNode): Reading => ({ series, thresholds: [], hasSeriesLimit: false });

const flipped = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** Null when nothing can be taken off: then the expression is drawn as it is. */
function read(node: SyntaxNode, textOf: ExprText): Reading | null {
  const inner = unwrapped(node);
  const binary = binaryOf(inner);
  if (binary === null) return drawn(inner);
  // The result of `and` and `unless` has the values and all labels of the left side.
  if (binary.operator === "And" || binary.operator === "Unless") return read(binary.left, textOf);
  if (binary.operator === "Or") return readAlternatives(binary, textOf);
  const op = comparisonOperators.get(binary.operator);
  return op === undefined ? drawn(inner) : readComparison(binary, op, textOf);
}

/** `a > 9 or a < 1` is one series with two thresholds. Series of two expressions would hide each other without the comparisons. */
function readAlternatives({ left, right }: BinaryNode, textOf: ExprText): Reading | null {
  const one = read(left, textOf);
  const other = read(right, textOf);
  if (one === null || other === null || one.hasSeriesLimit || other.hasSeriesLimit) return null;
  if (textOf(one.series) !== textOf(other.series)) return null;
  return { ...one, thresholds: [...one.thresholds, ...other.thresholds] };
}

function readComparison(
  { left, right, modifiers }: BinaryNode,
  op: ComparisonOperator,
  textOf: ExprText,
): Reading | null {
  // PromQL keeps the value of the series, on whichever side it is.
  const isFlipped = isScalar(left) && !isScalar(right);
  const [series, against] = isFlipped ? [right, left] : [left, right];
  const ownOp = isFlipped ? flipped[op] : op;
  if (isScalar(series) || !keepsLabels(modifiers)) return null;
  const compared = readOperand(series, textOf);
  const value = constantOf(against, textOf);
  if (value === null) return { ...compared, hasSeriesLimit: true };
  if (!Number.isFinite(value)) return compared;
  return { ...compared, thresholds: [...compared.thresholds, { op: ownOp, value }] };
}

/** The inner comparisons of `(a > 1) < 5` are thresholds too. Those of `(a > bool 1) == 1` and `(a > 1 or b) < 5` make the value. */
function readOperand(node: SyntaxNode, textOf: ExprText): Reading {
  const found = isBoolean(node) || isAlternative(node) ? null : read(node, textOf);
  return found ?? drawn(unwrapped(node));
}

/**
 * False where the result has other labels than the left side: with `on` or `ignoring` and no `group_left`. `fill` adds
 * samples that the left side does not have.
 */
function keepsLabels(modifiers: readonly SyntaxNode[]): boolean {
  return modifiers.every((modifier) => {
    if (modifier.name === "BoolModifier") return true;
    return modifier.name === "MatchingModifierClause" && modifier.getChild("GroupLeft") !== null;
  });
}

/** The alert does not depend on a comparison with `bool`. */
function firesAlways(node: SyntaxNode): boolean {
  const binary = binaryOf(unwrapped(node));
  return binary?.operator === "And" ? firesAlways(binary.left) : isBoolean(node);
}

/** `a > bool 1` is 0 or 1 for every series. */
function isBoolean(node: SyntaxNode): boolean {
  return binaryOf(unwrapped(node))?.modifiers.some(({ name }) => name === "BoolModifier") ?? false;
}

function isAlternative(node: SyntaxNode): boolean {
  return binaryOf(unwrapped(node))?.operator === "Or";
}

function contains(node: SyntaxNode, is: (node: SyntaxNode) => boolean): boolean {
  return is(node) || partsOf(node).some((part) => contains(part, is));
}

const otherCauses: ReadonlySet<string> = new Set(["Or", "Unless", "Absent", "AbsentOverTime"]);

const isOtherCause = ({ name }: SyntaxNode) => otherCauses.has(name);

const filters: ReadonlySet<string> = new Set(["And", "Unless", "Topk", "Bottomk", "LimitK", "LimitRatio"]);

function isFilter(node: SyntaxNode): boolean {
  const binary = binaryOf(node);
  return filters.has(node.name) || (binary !== null && comparisonOperators.has(binary.operator) && !isBoolean(node));
}

const scalarFunctions: ReadonlySet<string> = new Set(["Scalar", "Time", "Pi"]);

function isScalar(node: SyntaxNode): boolean {
  const inner = unwrapped(node);
  const binary = binaryOf(inner);
  if (binary !== null) return isScalar(binary.left) && isScalar(binary.right);
  if (inner.name === "UnaryExpr") return partsOf(inner).slice(1).every(isScalar);
  if (inner.name === "FunctionCall") return scalarFunctions.has(inner.firstChild?.firstChild?.name ?? "");
  return inner.name === "NumberDurationLiteral";
}
