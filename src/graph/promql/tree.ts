// The syntax tree of a PromQL expression, by Prometheus's own grammar.

import { createRequire } from "node:module";
import type { SyntaxNode } from "@lezer/common";
import type { LRParser } from "@lezer/lr";

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

/** The grammar takes 10 MB and 20 ms, and a service without datasources has no use for it: the first expression loads it. */
function strictParser(): LRParser {
  const { parser }: typeof import("@prometheus-io/lezer-promql") = createRequire(import.meta.url)(
    "@prometheus-io/lezer-promql",
  );
  return parser.configure({ strict: true });
}

/** Null for what is no PromQL, and for what no person wrote. */
export function parsePromql(text: string): SyntaxNode | null {
  if (text.length > maxChars) return null;
  const parser = strictParser();
  try {
    const tree = parser.parse(text);
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
