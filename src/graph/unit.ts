// What the numbers of an expression are, by the names of its metrics (https://prometheus.io/docs/practices/naming) and by what
// the expression does with them. A number whose unit is not certain has none: it is written as it is.

import type { SyntaxNode } from "@lezer/common";
import { constantOf } from "./promql/constant.ts";
import {
  binaryOf,
  comparisonOperators,
  type ExprText,
  exprTextOf,
  parsePromql,
  partsOf,
  unwrapped,
} from "./promql/tree.ts";

/** `ratio` is 1 for all of it, `percent` is 100. Seconds are a duration. */
export type Unit = "none" | "ratio" | "percent" | "bytes" | "bytes_per_second" | "seconds" | "celsius";

/** `draw` of an expression: what it compares with is not looked at. */
export function unitOf(draw: string): Unit {
  const top = parsePromql(draw);
  const { quantity, perSecond } = top === null ? plain : (quantityOf(top, exprTextOf(draw)) ?? plain);
  if (quantity === "time") return "none";
  if (!perSecond) return quantity;
  return quantity === "bytes" ? "bytes_per_second" : "none";
}

/** Time is seconds since 1970. */
type Quantity = "none" | "ratio" | "percent" | "bytes" | "seconds" | "celsius" | "time";

interface Measured {
  readonly quantity: Quantity;
  readonly perSecond: boolean;
}

const plain: Measured = { quantity: "none", perSecond: false };

const of = (quantity: Quantity): Measured => ({ quantity, perSecond: false });

/** Null of constants and strings, which may stand beside any unit. */
function quantityOf(node: SyntaxNode, textOf: ExprText): Measured | null {
  const inner = unwrapped(node);
  if (inner.name === "StringLiteral" || constantOf(inner, textOf) !== null) return null;
  const [first] = partsOf(inner);
  switch (inner.name) {
    case "VectorSelector":
      return quantityOfName(metricNameOf(inner, textOf));
    case "AggregateExpr":
      return keepingAggregations.has(calledName(inner)) ? quantityOfArguments(inner, textOf) : plain;
    case "FunctionCall":
      return quantityOfCall(inner, textOf);
    case "BinaryExpr":
      return quantityOfBinary(inner, textOf);
    case "UnaryExpr":
      return quantityOf(partsOf(inner).at(-1) ?? inner, textOf);
    default:
      // `offset`, ranges, subqueries, `@`: the expression comes first.
      return first === undefined ? plain : quantityOf(first, textOf);
  }
}

const suffixes: readonly (readonly [suffix: RegExp, quantity: Quantity])[] = [
  [/_(?:timestamp|start_time|boot_time)_seconds$/u, "time"],
  [/_seconds$/u, "seconds"],
  [/_bytes$/u, "bytes"],
  [/_ratio$/u, "ratio"],
  [/_percent(?:age)?$/u, "percent"],
  [/_celsius$/u, "celsius"],
];

/** A recording rule is named `level:metric:operations`, of which the last operation comes first (`ratio_rate5m`). */
function quantityOfName(name: string): Measured {
  const [, metric = name, operations = ""] = name.split(":");
  if (/^ratio(?:_|$)/u.test(operations)) return of("ratio");
  const base = metric.replace(/_(?:total|sum)$/u, "");
  const quantity = suffixes.find(([suffix]) => suffix.test(base))?.[1] ?? "none";
  return { quantity, perSecond: /(?:^|_)i?rate\d/u.test(operations) };
}

/** Empty where it is given as a matcher. */
function metricNameOf(selector: SyntaxNode, textOf: ExprText): string {
  const name = selector.getChild("Identifier");
  if (name !== null) return textOf(name);
  const quoted = selector.getChild("LabelMatchers")?.getChild("QuotedLabelName") ?? null;
  return quoted === null ? "" : textOf(quoted).slice(1, -1);
}

const keepingAggregations: ReadonlySet<string> = new Set(
  "Sum Avg Min Max Topk Bottomk Quantile LimitK LimitRatio Stddev".split(" "),
);

const keepingFunctions: ReadonlySet<string> = new Set(
  (
    "Abs Ceil Clamp ClampMax ClampMin Delta DoubleExponentialSmoothing FirstOverTime Floor Idelta Increase LabelJoin " +
    "LabelReplace LastOverTime MadOverTime MaxOverTime AvgOverTime MinOverTime PredictLinear QuantileOverTime Round " +
    "Scalar Sort SortByLabel SortByLabelDesc SortDesc StddevOverTime SumOverTime Vector"
  ).split(" "),
);

const rates: ReadonlySet<string> = new Set(["Rate", "Irate", "Deriv"]);

/** `Sum`, `Rate`. */
function calledName(call: SyntaxNode): string {
  return call.firstChild?.firstChild?.name ?? "";
}

function quantityOfArguments(call: SyntaxNode, textOf: ExprText): Measured {
  const body = call.getChild("FunctionCallBody");
  const quantities = body === null ? [] : partsOf(body).map((part) => quantityOf(part, textOf));
  return quantities.find((quantity) => quantity !== null) ?? plain;
}

function quantityOfCall(call: SyntaxNode, textOf: ExprText): Measured {
  const name = calledName(call);
  if (name === "Time" || name === "Timestamp") return of("time");
  if (name === "HistogramQuantile") {
    const names = metricNames(call, textOf);
    return names.length === 1 ? quantityOfName(names[0]?.replace(/_bucket$/u, "") ?? "") : plain;
  }
  const given = quantityOfArguments(call, textOf);
  if (keepingFunctions.has(name)) return given;
  return rates.has(name) && !given.perSecond ? { ...given, perSecond: true } : plain;
}

/** Each once. */
function metricNames(node: SyntaxNode, textOf: ExprText): readonly string[] {
  if (node.name === "VectorSelector") return [metricNameOf(node, textOf)];
  return [...new Set(partsOf(node).flatMap((part) => metricNames(part, textOf)))];
}

function quantityOfBinary(node: SyntaxNode, textOf: ExprText): Measured | null {
  const binary = binaryOf(node);
  if (binary === null || binary.modifiers.some(({ name }) => name === "BoolModifier")) return plain;
  const left = quantityOf(binary.left, textOf);
  const right = quantityOf(binary.right, textOf);
  const { operator } = binary;
  if (operator === "And" || operator === "Unless") return left;
  if (comparisonOperators.has(operator)) return left ?? right;
  if (operator === "Sub" && (left?.quantity === "time" || right?.quantity === "time")) return difference(left, right);
  if (operator === "Add" || operator === "Sub" || operator === "Or") return sum(left, right);
  if (operator === "Mul")
    return product(
      left,
      right,
      [binary.left, binary.right].map((side) => constantOf(side, textOf)),
    );
  if (operator !== "Div" || left === null) return plain;
  if (right === null) return quotientByConstant(left, constantOf(binary.right, textOf));
  const names = [binary.left, binary.right].map((side) => metricNames(side, textOf));
  const isShare = names.every(
    ([name, ...others]) => name !== undefined && name !== "" && others.length === 0 && name === names[0]?.[0],
  );
  return isShare && left.perSecond === right.perSecond ? of("ratio") : quotient(left, right);
}

/** Of two times it is a duration, whatever the other one's name says: `ssl_cert_expiry - time()`. */
function difference(left: Measured | null, right: Measured | null): Measured {
  return left === null || right === null ? of("time") : of("seconds");
}

function sum(left: Measured | null, right: Measured | null): Measured | null {
  if (left === null || right === null) return left ?? right;
  return left.quantity === right.quantity && left.perSecond === right.perSecond ? left : plain;
}

function product(left: Measured | null, right: Measured | null, constants: readonly (number | null)[]): Measured {
  const isRatio = [left, right].some((side) => side?.quantity === "ratio" && !side.perSecond);
  return isRatio && constants.includes(100) ? of("percent") : plain;
}

function quotientByConstant(left: Measured, divisor: number | null): Measured {
  return left.quantity === "percent" && divisor === 100 ? of("ratio") : plain;
}

/** Bytes by bytes are a ratio. Seconds by a count are seconds each, also as rates: `rate(x_seconds_sum) / rate(x_seconds_count)`. */
function quotient(left: Measured, right: Measured): Measured {
  if (left.perSecond !== right.perSecond) return right.quantity === "none" && !right.perSecond ? left : plain;
  if (right.quantity === "none") return of(left.quantity);
  return left.quantity === right.quantity ? of("ratio") : plain;
}
