// The names that a template may use, and what is reported about others.
import leven from "leven";

export interface Names {
  readonly helpers: ReadonlyMap<string, Arity>;
  /** Helpers that are used with a block: {{#each}}…{{/each}}. */
  readonly blocks: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
}

export interface Arity {
  /** Like `date LAYOUT TIME`. */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
}

/** What is wrong with a node of the template, which has the place. */
export interface NodeMessage {
  readonly node: hbs.AST.Node;
  readonly code: "template_syntax" | "template_unknown_helper";
  readonly message: string;
}

/** The name that may be a helper's: one part, not @data, not this.name, not one of `locals`, the block parameters. */
export function helperName(path: hbs.AST.Expression, locals: readonly string[]): string | null {
  if (path.type !== "PathExpression") return null;
  const { parts, data, depth, original } = path as hbs.AST.PathExpression;
  const name = parts[0];
  if (name === undefined || parts.length > 1 || data || depth > 0 || /^\.|^this\b/.test(original)) return null;
  return locals.includes(name) ? null : name;
}

/** Handlebars reads Go's {{range .Alerts}} as the path range.Alerts, and would print nothing for it. */
export function checkPath(text: string, node: hbs.AST.Expression): NodeMessage | null {
  const { start, end } = node.loc;
  if (node.type !== "PathExpression" || start.line !== end.line) return null;
  const written = (text.split("\n", start.line).at(-1) ?? "").slice(start.column, end.column);
  if (!/\s/.test(written.replace(/\[[^\]]*\]/g, ""))) return null;
  const message = `"${written}" has a space before a dot; is it Go's syntax? See docs/templates.md, "From Go templates"`;
  return { node: node, code: "template_syntax", message };
}

type Call = Pick<hbs.AST.SubExpression, "path" | "params">;

/** A helper called inside {{ }} or ( ); `name` is null when the path cannot be a helper's. */
export function checkCall(names: Names, name: string | null, call: Call): NodeMessage | null {
  if (name !== null && names.blocks.has(name)) {
    const message = `${name} needs a block: {{#${name} …}}…{{/${name}}}`;
    return { node: call.path, code: "template_unknown_helper", message };
  }
  const arity = name === null ? undefined : names.helpers.get(name);
  if (arity === undefined) return unknownHelper(call.path, names.helpers.keys());
  const count = call.params.length;
  if (count >= arity.min && count <= arity.max) return null;
  const message = `${name} got ${count} ${count === 1 ? "argument" : "arguments"}; use it like ${arity.usage}`;
  return { node: call.path, code: "template_syntax", message };
}

/** A helper called as {{#name …}}. A plain value there is no call: {{#name}} without arguments walks or enters it. */
export function checkBlock(names: Names, name: string | null, block: hbs.AST.BlockStatement): NodeMessage | null {
  if (name !== null && names.helpers.has(name)) {
    // The result of such a call would reach the text without being escaped.
    const message = `${name} cannot be used as a block: write {{${name} …}}`;
    return { node: block.path, code: "template_unknown_helper", message };
  }
  const isBlock = name !== null && names.blocks.has(name);
  const count = block.params.length;
  if (!isBlock && (count > 0 || block.hash !== undefined)) return unknownHelper(block.path, names.blocks);
  if (!isBlock || count === 1) return null;
  return { node: block.path, code: "template_syntax", message: `{{#${name}}} takes one value, got ${count}` };
}

function unknownHelper(path: hbs.AST.Expression, known: Iterable<string>): NodeMessage {
  const name = "original" in path ? String(path.original) : path.type;
  const message = `there is no helper "${name}"${nearest(name, known)}`;
  return { node: path, code: "template_unknown_helper", message };
}

export function unknownPartial(node: hbs.AST.Node, name: string, known: Iterable<string>): NodeMessage {
  return { node: node, code: "template_syntax", message: `there is no partial "${name}"${nearest(name, known)}` };
}

/** At most one letter in three may differ. */
function nearest(name: string, known: Iterable<string>): string {
  const strings = Array.from(known, (word) => ({ word, distance: leven(name, word) }));
  const best = strings.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= name.length / 3 ? `; did you mean "${best.word}"?` : "";
}
