// A parsed template in; the same template with every output turned into a call of an internal helper, and what is wrong
// with its names. Nested calls, blocks and partials are followed. Changes the tree it is given; compiles nothing.
import type { Issue } from "../../domain/issue.ts";
import {
  checkBlock,
  checkCall,
  checkPath,
  helperName,
  type Names,
  type NodeMessage,
  unknownPartial,
} from "./template-names.ts";

export interface RewriteOptions {
  /** What the tree was parsed from. */
  readonly text: string;
  /** Of the template's file. */
  readonly path: string;
  readonly names: Names;
  /** The helper that shows a value. */
  readonly shown: string;
  /** The helper that shows and escapes it. */
  readonly escaped: string;
}

export interface Rewritten {
  /** In the order of the text. */
  readonly issues: readonly Issue[];
  /** The partials it refers to by name. */
  readonly uses: ReadonlySet<string>;
}

interface Walk extends RewriteOptions {
  readonly issues: Issue[];
  readonly uses: Set<string>;
  /** Names of {{#*inline}} partials, wherever they are defined. */
  readonly inline: Set<string>;
}

/** Block parameters in reach: they hide a helper of the same name. */
type Locals = readonly string[];

type Call = Pick<hbs.AST.SubExpression, "params" | "hash">;

export function rewrite(program: hbs.AST.Program, options: RewriteOptions): Rewritten {
  const walk: Walk = { ...options, issues: [], uses: new Set(), inline: new Set() };
  collectInline(program, walk.inline);
  walkProgram(walk, program, []);
  return { issues: walk.issues, uses: walk.uses };
}

function collectInline(program: hbs.AST.Program | undefined, inline: Set<string>): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === "DecoratorBlock") {
      const name = (statement as hbs.AST.DecoratorBlock).params[0];
      if (name !== undefined && "value" in name) inline.add(String(name.value));
    }
    const block = statement as Partial<hbs.AST.BlockStatement>;
    collectInline(block.program, inline);
    collectInline(block.inverse, inline);
  }
}

function walkProgram(walk: Walk, program: hbs.AST.Program | undefined, outer: Locals): void {
  if (program === undefined) return;
  const locals = [...outer, ...(program.blockParams ?? [])];
  program.body = program.body.map((statement) => walkStatement(walk, statement, locals));
}

function walkStatement(walk: Walk, statement: hbs.AST.Statement, locals: Locals): hbs.AST.Statement {
  switch (statement.type) {
    case "MustacheStatement":
      return rewriteOutput(walk, statement as hbs.AST.MustacheStatement, locals);
    case "BlockStatement":
      walkBlock(walk, statement as hbs.AST.BlockStatement, locals);
      break;
    case "PartialStatement":
    case "PartialBlockStatement":
      walkPartial(walk, statement as hbs.AST.PartialBlockStatement, locals);
      break;
    case "DecoratorBlock":
      walkDecorator(walk, statement as hbs.AST.DecoratorBlock, locals);
      break;
    case "Decorator":
      report(walk, {
        node: statement,
        code: "template_syntax",
        message: "{{* …}} is not supported; only {{#*inline}} is",
      });
  }
  return statement;
}

function rewriteOutput(walk: Walk, output: hbs.AST.MustacheStatement, locals: Locals): hbs.AST.Statement {
  const name = helperName(output.path, locals);
  const hasArguments = output.params.length > 0 || output.hash !== undefined;
  const isCall = hasArguments || (name !== null && (walk.names.helpers.has(name) || walk.names.blocks.has(name)));
  const value = isCall ? ({ ...output, type: "SubExpression" } as unknown as hbs.AST.SubExpression) : output.path;
  walkExpression(walk, value, locals);
  const { loc, strip } = output;
  const helper = output.escaped ? walk.escaped : walk.shown;
  const path = { type: "PathExpression", data: false, depth: 0, parts: [helper], original: helper, loc };
  return { type: "MustacheStatement", path, params: [value], escaped: false, strip, loc } as hbs.AST.Statement;
}

function walkBlock(walk: Walk, block: hbs.AST.BlockStatement, locals: Locals): void {
  report(walk, checkPath(walk.text, block.path));
  report(walk, checkBlock(walk.names, helperName(block.path, locals), block));
  walkArguments(walk, block, locals);
  walkProgram(walk, block.program, locals);
  walkProgram(walk, block.inverse, locals);
}

function walkPartial(walk: Walk, partial: hbs.AST.PartialBlockStatement, locals: Locals): void {
  if (partial.name.type === "SubExpression") {
    walkExpression(walk, partial.name, locals);
  } else {
    const name = String(partial.name.original);
    const isKnown = name === "@partial-block" || walk.inline.has(name) || walk.names.partials.has(name);
    if (walk.names.partials.has(name)) walk.uses.add(name);
    // {{#> name}}…{{/name}} brings what to show when there is no such partial.
    if (!isKnown && partial.type !== "PartialBlockStatement") {
      report(walk, unknownPartial(partial, name, [...walk.names.partials, ...walk.inline]));
    }
  }
  walkArguments(walk, partial, locals);
  walkProgram(walk, partial.program, locals);
}

function walkDecorator(walk: Walk, decorator: hbs.AST.DecoratorBlock, locals: Locals): void {
  if (decorator.path.original !== "inline") {
    const message = `{{#*${decorator.path.original}}} is not supported; only {{#*inline}} is`;
    report(walk, { node: decorator, code: "template_syntax", message });
  }
  walkArguments(walk, decorator, locals);
  walkProgram(walk, decorator.program, locals);
}

function walkExpression(walk: Walk, expression: hbs.AST.Expression, locals: Locals): void {
  report(walk, checkPath(walk.text, expression));
  if (expression.type !== "SubExpression") return;
  const call = expression as hbs.AST.SubExpression;
  report(walk, checkCall(walk.names, helperName(call.path, locals), call));
  walkArguments(walk, call, locals);
}

function walkArguments(walk: Walk, call: Call, locals: Locals): void {
  for (const param of call.params) walkExpression(walk, param, locals);
  for (const pair of call.hash?.pairs ?? []) walkExpression(walk, pair.value, locals);
}

function report(walk: Walk, found: NodeMessage | null): void {
  if (found === null) return;
  const { line, column } = found.node.loc.start;
  walk.issues.push({ code: found.code, path: walk.path, line, column: column + 1, message: found.message });
}
