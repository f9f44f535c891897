// The block helpers of a template: if, unless, with, each. Handlebars' own semantics with two of Go's rules: an empty map is
// false, and a map is walked in the byte order of its keys. Nothing here prints or escapes.
import Handlebars from "handlebars";
import { isTrue } from "../../go-text/builtins.ts";
import { isMap, sortedKeys } from "../../go-text/template-values.ts";

export type Block = (this: unknown, value: unknown, options: Handlebars.HelperOptions) => string;

export function createBlocks(): ReadonlyMap<string, Block> {
  return new Map(Object.entries({ if: ifBlock, unless: unlessBlock, with: withBlock, each: eachBlock }));
}

function holds(value: unknown, options: Handlebars.HelperOptions): boolean {
  return isTrue(value) || (options.hash.includeZero === true && value === 0);
}

function ifBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  return holds(value, options) ? options.fn(this) : options.inverse(this);
}

function unlessBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  return holds(value, options) ? options.inverse(this) : options.fn(this);
}

function withBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  if (!isTrue(value)) return options.inverse(this);
  return options.fn(value, blockOptions(options.data, [value]));
}

function eachBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  const entries = entriesOf(value);
  if (entries.length === 0) return options.inverse(this);
  const data = Handlebars.createFrame(options.data);
  return entries
    .map(([key, item], index) => {
      Object.assign(data, { key, index, first: index === 0, last: index === entries.length - 1 });
      return options.fn(item, blockOptions(data, [item, key]));
    })
    .join("");
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  if (isMap(value)) return sortedKeys(value).map((key) => [key, value[key]] as const);
  return [];
}

// Handlebars reads `path`, the places of the block parameters, only when it tracks ids, which we never ask for.
function blockOptions(data: object, values: readonly unknown[]): Handlebars.RuntimeOptions {
  return { data, blockParams: Handlebars.Utils.blockParams([...values], []) };
}
