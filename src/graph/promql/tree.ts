// The syntax tree of a PromQL expression, by Prometheus's own grammar.

import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** More is not written by people. The parser takes 70 µs for an expression of usual length. */
const maxChars = 20_000;

/** Of nested nodes. The functions below are recursive. */
const maxDepth = 200;

export type ExprText = (node: SyntaxNode) => string;

export const exprTextOf =
  (text: string): ExprText =>
  ({ from, to }) =>
    text.slice(from, to);

const strict = parser.configure({ strict: true });

/** Null for what is no PromQL, and for what no person wrote. */
export function parsePromql(text: string): SyntaxNode | null {
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

/** Of a node its children; comments are nodes too. */
export function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== "LineComment") parts.push(child);
  }
  return parts;
}

export function unwrapped(node: SyntaxNode): SyntaxNode {
  const [inner] = node.name === "ParenExpr" ? partsOf(node).filter(({ name }) => name !== "(" && name !== ")") : [];
  return inner === undefined ? node : unwrapped(inner);
}

export interface BinaryNode {
  readonly left: SyntaxNode;
  readonly operator: string;
  /** `bool`, `on (…)`, `group_left (…)`, `fill (…)`. */
  readonly modifiers: readonly SyntaxNode[];
  readonly right: SyntaxNode;
}

export function binaryOf(node: SyntaxNode): BinaryNode | null {
  if (node.name !== "BinaryExpr") return null;
  const [left, operator, ...others] = partsOf(node);
  const right = others.at(-1);
  if (left === undefined || operator === undefined || right === undefined) return null;
  return { left, operator: operator.name, modifiers: others.slice(0, -1), right };
}

export const comparisonOperators: ReadonlyMap<string, ComparisonOperator> = new Map([
  ["Eql", "=="],
  ["Neq", "!="],
  ["Lss", "<"],
  ["Lte", "<="],
  ["Gtr", ">"],
  ["Gte", ">="],
]);
