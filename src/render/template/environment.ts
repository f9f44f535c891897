// Compiles template text to a function from a view to text: Handlebars without its global state, with Go's helpers and
// Go's printing. {{x}} prints a value as Go prints it and then escapes it; {{{x}}} only prints it. Issues of a template
// are found when it is compiled. What a view holds and how text is escaped is not known here.

import Handlebars from "handlebars";
import type { Issue } from "../../domain/issue.ts";
import { goText } from "../../go-text/print.ts";
import { utf8Length } from "../../go-text/strings.ts";
import type { Rotation } from "../../route/on-call.ts";
import { withGoHint } from "./go-syntax.ts";
import { createBlocks, createHelpers, type Helper } from "./helpers.ts";
import { escapedHelper, rewrite, shownHelper, type TemplateNames } from "./rewrite.ts";
import { type TemplateSource, templateSyntaxIssue } from "./template-source.ts";

export type Compiled =
  | { readonly kind: "compiled"; readonly template: Template }
  /** At least one: its own or those of the partials it uses. */
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] };

/** What a template knows besides its view; also readable in templates as {{@timezone}} and {{@language}}. */
export interface RenderContext {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name: the zone of `now`, and the one that Go calls Local. */
  readonly timezone: string;
  readonly language: "zh" | "en";
}

export interface Template {
  readonly name: string;
  /**
   * Throws an Error with the code `template_failed` when a helper rejects its input or the text exceeds 10 MiB, and
   * PrintsTooMuch as soon as the values it prints exceed `maxChars` characters.
   */
  render(view: object, context: RenderContext, maxChars?: number): string;
}

/** Escapes a value that {{x}} prints. */
export type Escape = (text: string) => string;

export interface TemplateEnvironment {
  compile(source: TemplateSource, escapeValue: Escape): Compiled;
  /** Issues of all partials, also of unused ones. */
  readonly partialIssues: readonly Issue[];
}

interface EnvironmentOptions {
  /**
   * Known to every template. An issue of a partial is reported for each template that uses it, with the partial's path.
   */
  readonly partials?: readonly TemplateSource[];
  /** By name, for the helper `oncall`. */
  readonly rotations?: ReadonlyMap<string, Rotation>;
}

/** Grafana's limit for the output of one template. */
export const maxOutputBytes = 10 * 1024 * 1024;

/** Thrown when a template printed more than its caller can use. */
export class PrintsTooMuch extends Error {
  readonly code = "prints_too_much";
}

interface CheckedTemplate {
  readonly issues: readonly Issue[];
  /** Names of the partials that the text refers to. */
  readonly uses: ReadonlySet<string>;
}

interface TemplateCompiler {
  readonly instance: typeof Handlebars;
  readonly names: TemplateNames;
  readonly compileOptions: CompileOptions;
  readonly partials: ReadonlyMap<string, CheckedTemplate>;
  /** The state of the template that runs. Its partials use the same. */
  running: Running;
}

interface Running {
  readonly escapeValue: Escape;
  /** How many characters it may still print. */
  charsLeft: number;
}

export function createEnvironment(options: EnvironmentOptions = {}): TemplateEnvironment {
  const sources = options.partials ?? [];
  const rotations = options.rotations ?? new Map();
  const helpers = createHelpers(rotations);
  const blocks = createBlocks();
  const names: TemplateNames = {
    helpers,
    blocks: new Set(blocks.keys()),
    partials: new Set(sources.map((source) => source.name)),
    rotations: new Set(rotations.keys()),
  };
  const instance = Handlebars.create();
  instance.unregisterHelper("log");
  for (const [name, block] of blocks) instance.registerHelper(name, block);
  for (const [name, helper] of helpers) instance.registerHelper(name, bindHelper(name, helper));
  const shown = (value: unknown) => {
    const text = goText(value);
    compiler.running.charsLeft -= text.length;
    if (compiler.running.charsLeft < 0) throw new PrintsTooMuch("it prints too much");
    return text;
  };
  instance.registerHelper(shownHelper, shown);
  instance.registerHelper(escapedHelper, (value: unknown) => compiler.running.escapeValue(shown(value)));
  const known = [...helpers.keys(), ...blocks.keys(), shownHelper, escapedHelper];
  const compileOptions = {
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: { ...Object.fromEntries(known.map((name) => [name, true])), log: false } as KnownHelpers,
  };
  const partials = new Map<string, CheckedTemplate>();
  const running = { escapeValue: String, charsLeft: 0 };
  const compiler: TemplateCompiler = { instance, names, compileOptions, partials, running };
  for (const source of sources) partials.set(source.name, checkTemplate(compiler, source));
  for (const source of sources) {
    if (partials.get(source.name)?.issues.length === 0)
      instance.registerPartial(source.name, whenUsed(compiler, source));
  }
  return {
    compile: (source, escapeValue) => compileTemplate(compiler, source, escapeValue),
    partialIssues: [...partials.values()].flatMap(({ issues }) => issues),
  };
}

/** Handlebars passes them to helpers; its types leave the place out. */
interface HelperPlace extends Handlebars.HelperOptions {
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
}

/** Handlebars passes the arguments one by one and its own options last. An error is prefixed with the helper's name and place. */
function bindHelper(name: string, helper: Helper): (...received: unknown[]) => unknown {
  return (...received) => {
    const { data, loc } = received.at(-1) as HelperPlace;
    try {
      return helper.call(received.slice(0, -1), { now: data.now, timezone: data.timezone, root: data.root });
    } catch (cause) {
      const place = `helper "${name}" at ${loc.start.line}:${loc.start.column + 1}`;
      throw new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
}

function compileTemplate(compiler: TemplateCompiler, source: TemplateSource, escapeValue: Escape): Compiled {
  const checked = checkTemplate(compiler, source);
  const issues = [...checked.issues, ...issuesInPartials(compiler, checked)];
  if (issues.length > 0) return { kind: "invalid", issues };
  const run = whenUsed(compiler, source);
  return {
    kind: "compiled",
    template: {
      name: source.name,
      render: (view, context, maxChars = Number.POSITIVE_INFINITY) => {
        const outer = compiler.running;
        compiler.running = { escapeValue, charsLeft: maxChars };
        try {
          return runWith(run, view, context);
        } catch (cause) {
          if (cause instanceof PrintsTooMuch) throw cause;
          const reason = cause instanceof Error ? cause.message : String(cause);
          const message = `template "${source.name}": ${reason}`;
          throw Object.assign(new Error(message, { cause }), { code: "template_failed" });
        } finally {
          compiler.running = outer;
        }
      },
    },
  };
}

function runWith(run: Handlebars.TemplateDelegate, view: object, context: RenderContext): string {
  const text = run(view, {
    data: { now: context.now, timezone: context.timezone, language: context.language },
    // Set explicitly: while these are undefined, Handlebars prints a warning about each denied name.
    allowProtoPropertiesByDefault: false,
    allowProtoMethodsByDefault: false,
  });
  if (utf8Length(text) > maxOutputBytes) throw new Error(`its text exceeds ${maxOutputBytes} bytes`);
  return text;
}

/**
 * Parses, looks for unknown names and runs the first half of Handlebars' compiler, so that no issue waits for the first
 * alert.
 */
function checkTemplate(compiler: TemplateCompiler, source: TemplateSource): CheckedTemplate {
  let uses: ReadonlySet<string> = new Set();
  try {
    const program = parse(compiler, source.text);
    const rewritten = rewrite(program, source, compiler.names);
    uses = rewritten.uses;
    if (rewritten.issues.length === 0) dryCompile(compiler, program);
    return { issues: rewritten.issues.map((issue) => withGoHint(issue, source.text)), uses };
  } catch (error) {
    return { issues: [withGoHint(templateSyntaxIssue(source, error), String(source.text))], uses };
  }
}

function parse({ instance }: TemplateCompiler, text: string): hbs.AST.Program {
  if (typeof text !== "string") throw new TypeError("a template must be a string");
  // Without processing: compile() trims white space itself, and must do so once.
  return instance.parseWithoutProcessing(text);
}

/** Handlebars exports it and leaves it out of its types. */
interface WithCompiler {
  readonly Compiler: new () => { compile(program: hbs.AST.Program, options: CompileOptions): unknown };
}

/** The second half of the compiler takes most of the time, only writes code and finds no more issues. */
function dryCompile({ instance, compileOptions }: TemplateCompiler, program: hbs.AST.Program): void {
  const { Compiler } = instance as unknown as WithCompiler;
  // `parse` accepts a tree as well, and trims the white space as compiling expects it.
  const trimmed = instance.parse(program as unknown as string);
  new Compiler().compile(trimmed, { ...compileOptions });
}

/** Compiled to code at its first use: a service uses few of its templates, and code costs memory. */
function whenUsed(compiler: TemplateCompiler, source: TemplateSource): Handlebars.TemplateDelegate {
  let built: Handlebars.TemplateDelegate | null = null;
  return (view, options) => {
    built ??= build(compiler, source);
    return built(view, options);
  };
}

function build(compiler: TemplateCompiler, source: TemplateSource): Handlebars.TemplateDelegate {
  const program = parse(compiler, source.text);
  rewrite(program, source, compiler.names);
  return compiler.instance.compile(program, compiler.compileOptions);
}

function issuesInPartials(compiler: TemplateCompiler, start: CheckedTemplate): readonly Issue[] {
  const seen = new Set<string>(start.uses);
  for (const name of seen) {
    for (const used of compiler.partials.get(name)?.uses ?? []) seen.add(used); // the loop also visits what is added to the Set during it
  }
  return [...seen].flatMap((name) => compiler.partials.get(name)?.issues ?? []);
}
