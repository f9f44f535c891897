// Turns every output of a parsed template into a call of an internal helper, and collects the issues of its names.
// Follows nested calls, blocks and partials. Changes the tree it is given.

import leven from "leven";
import type { Issue } from "../../domain/issue.ts";
import { asGoLayout } from "./foreign-layout.ts";
import type { TemplateSource } from "./template-source.ts";

/** Names of internal helpers; the space keeps templates from using them. */
export const shownHelper = " shown";
export const escapedHelper = " escaped";

interface Rewritten {
  /** In the order of the text. */
  readonly issues: readonly Issue[];
  /** The partials it refers to by name. */
  readonly uses: ReadonlySet<string>;
}

interface Walk {
  /** What the tree was parsed from. */
  readonly source: TemplateSource;
  readonly names: TemplateNames;
  readonly issues: Issue[];
  readonly uses: Set<string>;
  /** Names of {{#*inline}} partials, wherever they are defined. */
  readonly inline: Set<string>;
}

/** Block parameters in scope: they hide a helper of the same name. */
type Locals = readonly string[];

export function rewrite(program: hbs.AST.Program, source: TemplateSource, names: TemplateNames): Rewritten {
  const walk: Walk = { source, names, issues: [], uses: new Set(), inline: new Set() };
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
        code: "template_syntax",
        node: statement,
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
  const helper = output.escaped ? escapedHelper : shownHelper;
  const path = { type: "PathExpression", data: false, depth: 0, parts: [helper], original: helper, loc };
  return { type: "MustacheStatement", path, params: [value], escaped: false, strip, loc } as hbs.AST.Statement;
}

function walkBlock(walk: Walk, block: hbs.AST.BlockStatement, locals: Locals): void {
  report(walk, pathIssue(walk.source.text, block.path));
  report(walk, blockIssue(walk.names, helperName(block.path, locals), block));
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
    // {{#> name}}…{{/name}} holds what is shown when there is no such partial.
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
    report(walk, { code: "template_syntax", node: decorator, message });
  }
  walkArguments(walk, decorator, locals);
  walkProgram(walk, decorator.program, locals);
}

function walkExpression(walk: Walk, expression: hbs.AST.Expression, locals: Locals): void {
  report(walk, pathIssue(walk.source.text, expression));
  if (expression.type !== "SubExpression") return;
  const call = expression as hbs.AST.SubExpression;
  report(walk, callIssue(walk.names, helperName(call.path, locals), call));
  walkArguments(walk, call, locals);
}

interface Arguments {
  readonly params: readonly hbs.AST.Expression[];
  readonly hash?: hbs.AST.Hash;
}

function walkArguments(walk: Walk, { params, hash }: Arguments, locals: Locals): void {
  for (const param of params) walkExpression(walk, param, locals);
  for (const pair of hash?.pairs ?? []) walkExpression(walk, pair.value, locals);
}

function report(walk: Walk, issue: NodeIssue | null): void {
  if (issue === null) return;
  const { code, message, node } = issue;
  const { line, column } = node.loc.start;
  walk.issues.push({ code, path: walk.source.path, line, column: column + 1, message });
}

export interface TemplateNames {
  readonly helpers: ReadonlyMap<string, HelperUsage>;
  /** Helpers that are used with a block: {{#each}}…{{/each}}. */
  readonly blocks: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
  /** On-call rotations. */
  readonly rotations: ReadonlySet<string>;
}

interface HelperUsage {
  /** Like `date LAYOUT TIME`. */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
}

/** An issue at a node of the parsed template. */
interface NodeIssue {
  readonly code: "template_syntax" | "template_unknown_helper" | "unknown_rotation";
  readonly node: hbs.AST.Node;
  readonly message: string;
}

/** The name that may be a helper's: one part, not @data, not this.name, not one of `locals`, the block parameters. */
function helperName(path: hbs.AST.Expression, locals: readonly string[]): string | null {
  if (path.type !== "PathExpression") return null;
  const { parts, data, depth, original } = path as hbs.AST.PathExpression;
  const name = parts[0];
  if (name === undefined || parts.length > 1 || data || depth > 0 || /^\.|^this\b/.test(original)) return null;
  return locals.includes(name) ? null : name;
}

/** Handlebars reads Go's {{range .Alerts}} as the path range.Alerts, and would print nothing for it. */
function pathIssue(text: string, node: hbs.AST.Expression): NodeIssue | null {
  const { start, end } = node.loc;
  if (node.type !== "PathExpression" || start.line !== end.line) return null;
  const written = (text.split("\n", start.line).at(-1) ?? "").slice(start.column, end.column);
  if (!/\s/.test(written.replace(/\[[^\]]*\]/g, ""))) return null;
  return { code: "template_syntax", node, message: `"${written}" has a space before a dot` };
}

/** A helper called inside {{ }} or ( ); `name` is null when the path cannot be a helper's. */
function callIssue(names: TemplateNames, name: string | null, call: hbs.AST.SubExpression): NodeIssue | null {
  if (name !== null && names.blocks.has(name)) {
    const message = `${name} needs a block: {{#${name} …}}…{{/${name}}}`;
    return { code: "template_unknown_helper", node: call.path, message };
  }
  const usage = name === null ? undefined : names.helpers.get(name);
  if (usage === undefined) return unknownHelper(call.path, names.helpers.keys());
  const count = call.params.length;
  if (count >= usage.min && count <= usage.max) return layoutIssue(usage, call) ?? rotationIssue(names, usage, call);
  const message = `${name} got ${count} ${count === 1 ? "argument" : "arguments"}; use it like ${usage.usage}`;
  return { code: "template_syntax", node: call.path, message };
}

function layoutIssue({ usage }: HelperUsage, { params }: hbs.AST.SubExpression): NodeIssue | null {
  const node = params[usage.split(" ").indexOf("LAYOUT") - 1];
  if (node?.type !== "StringLiteral") return null;
  const written = (node as hbs.AST.StringLiteral).value;
  const go = asGoLayout(written);
  return go === null
    ? null
    : { code: "template_syntax", node, message: `"${written}" is no layout of Go; write "${go}"` };
}

/** A name that is not written out is looked up when the template is rendered. */
function rotationIssue(names: TemplateNames, { usage }: HelperUsage, call: hbs.AST.SubExpression): NodeIssue | null {
  const node = call.params[usage.split(" ").indexOf("ROTATION") - 1];
  if (node?.type !== "StringLiteral") return null;
  const name = (node as hbs.AST.StringLiteral).value;
  if (names.rotations.has(name)) return null;
  const message = `there is no rotation "${name}" in oncall${nearest(name, names.rotations)}`;
  return { code: "unknown_rotation", node, message };
}

/** A helper called as {{#name …}}. A plain value there is no call: {{#name}} without arguments walks or enters it. */
function blockIssue(names: TemplateNames, name: string | null, block: hbs.AST.BlockStatement): NodeIssue | null {
  if (name !== null && names.helpers.has(name)) {
    // The result of such a call would reach the text without being escaped.
    const message = `${name} cannot be used as a block: write {{${name} …}}`;
    return { code: "template_unknown_helper", node: block.path, message };
  }
  const isBlock = name !== null && names.blocks.has(name);
  const count = block.params.length;
  if (!isBlock && (count > 0 || block.hash !== undefined)) return unknownHelper(block.path, names.blocks);
  if (!isBlock || count === 1) return null;
  return { code: "template_syntax", node: block.path, message: `{{#${name}}} takes one value, got ${count}` };
}

function unknownHelper(path: hbs.AST.Expression, known: Iterable<string>): NodeIssue {
  const name = "original" in path ? String(path.original) : path.type;
  const message = `there is no helper "${name}"${nearest(name, known)}`;
  return { code: "template_unknown_helper", node: path, message };
}

function unknownPartial(node: hbs.AST.Node, name: string, known: Iterable<string>): NodeIssue {
  return { code: "template_syntax", node, message: `there is no partial "${name}"${nearest(name, known)}` };
}

/** At most one letter in three may differ. */
function nearest(name: string, known: Iterable<string>): string {
  const words = Array.from(known, (word) => ({ word, distance: leven(name, word) }));
  const best = words.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= name.length / 3 ? `; did you mean "${best.word}"?` : "";
}
