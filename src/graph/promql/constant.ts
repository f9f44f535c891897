// Constant numbers of PromQL, computed as Prometheus computes them.

import type { SyntaxNode } from "@lezer/common";
import { type BinaryNode, binaryOf, type ExprText, partsOf, unwrapped } from "./tree.ts";

/** Null for what is no number, and for numbers that this file cannot compute. May be infinite or NaN. */
export function constantOf(node: SyntaxNode, textOf: ExprText): number | null {
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

function arithmetic({ left, operator, right }: BinaryNode, textOf: ExprText): number | null {
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
