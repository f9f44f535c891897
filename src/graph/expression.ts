// What an alert's expression says about its picture: the series to draw and the constants they are compared with, by
// Prometheus's own grammar. What is not understood is drawn as it is, without a threshold: a line in the wrong place is worse
// than none.

import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

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
  /** The series is compared with another one, not with a constant; null where it is not. */
  readonly limit: { readonly op: ComparisonOperator; readonly expression: string } | null;
  /**
   * The thresholds are all that decides, besides the right sides of `and`. False with `absent`, `or`, `unless` and a
   * comparison with another series: there, a value says nothing about why the alert recovered.
   */
  readonly comparable: boolean;
  /** The drawn part has comparisons or `and` of its own, as in `count(up == 0)`: where its series ends, nothing is lost. */
  readonly filtered: boolean;
}

/** More is not written by people. The parser takes 70 µs for an expression of usual length. */
const maxChars = 20_000;

/** Of nested nodes. The functions below are recursive. */
const maxDepth = 200;

/** Never throws. MetricsQL that is not PromQL (`1k`, `WITH`) is drawn whole. */
export function readExpression(text: string): Expression {
  const top = parse(text);
  if (top === null) return { draw: text, thresholds: [], limit: null, comparable: false, filtered: true };
  const textOf = exprTextOf(text);
  const { series, thresholds, limit } = read(top, textOf) ?? drawn(top);
  const comparable = thresholds.length > 0 && limit === null && !firesAlways(top) && !contains(top, isOtherCause);
  return { draw: textOf(series), thresholds, limit, comparable, filtered: contains(series, isFilter) };
}

interface Reading extends Pick<Expression, "thresholds" | "limit"> {
  readonly series: SyntaxNode;
}

const drawn = (series: SyntaxNode): Reading => ({ series, thresholds: [], limit: null });

type ExprText = (node: SyntaxNode) => string;

const exprTextOf =
  (text: string): ExprText =>
  ({ from, to }) =>
    text.slice(from, to);

const strict = parser.configure({ strict: true });

/** Null for what is no PromQL, and for what no person wrote. */
function parse(text: string): SyntaxNode | null {
  if (text.length > maxChars) return null;
  try {
    const tree = strict.parse(text);
    let depth = 0;
    let deepest = 0;
    tree.iterate({
      enter: () => {
        deepest = Math.max(deepest, ++depth);
      },
      leave: () => {
        depth -= 1;
      },
    });
    return deepest > maxDepth ? null : (partsOf(tree.topNode)[0] ?? null);
  } catch {
    // A syntax error, or parentheses nested so deep that the parser's stack overflows.
    return null;
  }
}

/** Comments are nodes too. */
function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== "LineComment") parts.push(child);
  }
  return parts;
}

function unwrapped(node: SyntaxNode): SyntaxNode {
  const [inner] = node.name === "ParenExpr" ? partsOf(node).filter(({ name }) => name !== "(" && name !== ")") : [];
  return inner === undefined ? node : unwrapped(inner);
}

interface Binary {
  readonly left: SyntaxNode;
  readonly operator: string;
  /** `bool`, `on (…)`, `group_left (…)`, `fill (…)`. */
  readonly modifiers: readonly SyntaxNode[];
  readonly right: SyntaxNode;
}

function binaryOf(node: SyntaxNode): Binary | null {
  if (node.name !== "BinaryExpr") return null;
  const [left, operator, ...others] = partsOf(node);
  const right = others.at(-1);
  if (left === undefined || operator === undefined || right === undefined) return null;
  return { left, operator: operator.name, modifiers: others.slice(0, -1), right };
}

const comparisons: ReadonlyMap<string, ComparisonOperator> = new Map([
  ["Eql", "=="],
  ["Neq", "!="],
  ["Lss", "<"],
  ["Lte", "<="],
  ["Gtr", ">"],
  ["Gte", ">="],
]);

const flipped = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** Null when nothing can be taken off: then the expression is drawn as it is. */
function read(node: SyntaxNode, textOf: ExprText): Reading | null {
  const inner = unwrapped(node);
  const binary = binaryOf(inner);
  if (binary === null) return drawn(inner);
  // The result of `and` and `unless` has the values and all labels of the left side.
  if (binary.operator === "And" || binary.operator === "Unless") return read(binary.left, textOf);
  if (binary.operator === "Or") return readAlternatives(binary, textOf);
  const op = comparisons.get(binary.operator);
  return op === undefined ? drawn(inner) : readComparison(binary, op, textOf);
}

/** `a > 9 or a < 1` is one series with two thresholds. Series of two expressions would hide each other without the comparisons. */
function readAlternatives({ left, right }: Binary, textOf: ExprText): Reading | null {
  const one = read(left, textOf);
  const other = read(right, textOf);
  if (one === null || other === null || one.limit !== null || other.limit !== null) return null;
  if (textOf(one.series) !== textOf(other.series)) return null;
  return { ...one, thresholds: [...one.thresholds, ...other.thresholds] };
}

function readComparison({ left, right, modifiers }: Binary, op: ComparisonOperator, textOf: ExprText): Reading | null {
  // PromQL keeps the value of the series, on whichever side it is.
  const isFlipped = isScalar(left) && !isScalar(right);
  const [series, against] = isFlipped ? [right, left] : [left, right];
  const ownOp = isFlipped ? flipped[op] : op;
  if (isScalar(series) || !keepsLabels(modifiers)) return null;
  const compared = readOperand(series, textOf);
  const value = constantOf(against, textOf);
  if (value === null) return { ...compared, limit: { op: ownOp, expression: textOf(against) } };
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
  return filters.has(node.name) || (binary !== null && comparisons.has(binary.operator) && !isBoolean(node));
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

/** Null for what is no number, and for numbers that this file cannot compute. May be infinite or NaN. */
function constantOf(node: SyntaxNode, textOf: ExprText): number | null {
  const inner = unwrapped(node);
  if (inner.name === "NumberDurationLiteral") return numberOf(textOf(inner));
  if (inner.name === "UnaryExpr") {
    const [sign, operand] = partsOf(inner);
    const value = operand === undefined ? null : constantOf(operand, textOf);
    return value === null || sign === undefined || textOf(sign) !== "-" ? value : -value;
  }
  const binary = binaryOf(inner);
  return binary === null ? null : arithmetic(binary, textOf);
}

function arithmetic({ left, operator, right }: Binary, textOf: ExprText): number | null {
  const a = constantOf(left, textOf);
  const b = constantOf(right, textOf);
  if (a === null || b === null) return null;
  if (operator === "Add") return a + b;
  if (operator === "Sub") return a - b;
  if (operator === "Mul") return a * b;
  if (operator === "Div") return a / b;
  if (operator === "Mod") return a % b;
  // Prometheus reads `-2 ^ 2` as -(2 ^ 2). This grammar makes the sign part of the literal.
  const isSigned = left.name === "NumberDurationLiteral" && /^[-+]/u.test(textOf(left));
  return operator === "Pow" && !isSigned ? a ** b : null;
}

const unitSeconds = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 7 * 86_400],
  ["y", 365 * 86_400],
]);

/** As Prometheus reads numbers: a leading zero is octal, `1h30m` is seconds (promql/parser/generated_parser.y, `number`). */
function numberOf(literal: string): number | null {
  const [, sign = "", text = ""] = /^([-+]?)\s*(.*)$/su.exec(literal.replaceAll("_", "").toLowerCase()) ?? [];
  const size = unsignedOf(text);
  return size !== null && sign === "-" ? -size : size;
}

function unsignedOf(text: string): number | null {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  if (text === "nan") return Number.NaN;
  if (/^0[0-7]+$/u.test(text)) return Number.parseInt(text, 8);
  if (/^(?:\d+(?:ms|[smhdwy]))+$/u.test(text)) {
    const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/gu)];
    // In milliseconds, as in Prometheus: tenths of seconds do not add up.
    return (
      parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (unitSeconds.get(unit) ?? 0) * 1000, 0) / 1000
    );
  }
  const number = Number(text);
  return text === "" || Number.isNaN(number) ? null : number;
}
