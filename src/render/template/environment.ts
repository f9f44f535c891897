// Template text in, a function from view to text out: Handlebars without its global state, with Go's helpers and Go's printing.
// Every {{x}} is shown as Go shows it and then escaped; {{{x}}} is only shown. Issues of a template are found when it is
// compiled, each with its place. Does not know what a view holds, nor what escaping means for WeCom. It is
// long because one workshop parses, checks, compiles and runs.
import Handlebars from "handlebars";
import type { Issue } from "../../domain/issue.ts";
import { goText } from "../../go-text/print.ts";
import { utf8Length } from "../../go-text/strings.ts";
import { bindHelper } from "./bind-helper.ts";
import { createBlocks } from "./blocks.ts";
import { dryCompile } from "./dry-compile.ts";
import { createHelpers } from "./helpers.ts";
import { OutputBudget, PrintsTooMuch } from "./output-budget.ts";
import { type Rewritten, rewrite } from "./rewrite.ts";
import { templateSyntaxIssue } from "./syntax-issue.ts";
import type { Names } from "./template-names.ts";

export type Escape = (text: string) => string;

export type Compiled =
  | { readonly kind: "compiled"; readonly template: Template }
  | { readonly kind: "faulty"; readonly issue: Issue };

/** What a template may know beside its view; also readable in templates as {{@timezone}} and {{@language}}. */
export interface RenderContext {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name. `now` is in it, and so is the zone that Go calls Local. */
  readonly timezone: string;
  readonly language: "zh" | "en";
}

export interface Template {
  readonly name: string;
  /**
   * Throws an Error with the code `template_failed` when a helper refuses its input or the text exceeds 10 MiB, and PrintsTooMuch
   * as soon as the values it prints exceed `most` characters.
   */
  render(view: object, context: RenderContext, most?: number): string;
}

export interface TemplateSource {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export interface Environment {
  compile(source: TemplateSource): Compiled;
}

export interface EnvironmentOptions {
  readonly escape: Escape;
  /** Compiled into every template; an issue in one is an issue of each template that uses it, with the partial's path. */
  readonly partials?: readonly TemplateSource[];
}

/** Grafana's limit for the output of one template. */
export const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;

interface Checked {
  readonly issue: Issue | null;
  /** Names of the environment's partials that the text refers to. */
  readonly uses: ReadonlySet<string>;
}

interface TemplateCompiler {
  readonly instance: typeof Handlebars;
  readonly names: Names;
  readonly compileOptions: CompileOptions;
  readonly partials: ReadonlyMap<string, Checked>;
  readonly room: OutputBudget;
}

export function createEnvironment(options: EnvironmentOptions): Environment {
  const sources = options.partials ?? [];
  const helpers = createHelpers();
  const blocks = createBlocks();
  const names: Names = {
    helpers,
    blocks: new Set(blocks.keys()),
    partials: new Set(sources.map((source) => source.name)),
  };
  const instance = Handlebars.create();
  instance.unregisterHelper("log");
  for (const [name, block] of blocks) instance.registerHelper(name, block);
  for (const [name, helper] of helpers) instance.registerHelper(name, bindHelper(name, helper));
  const room = new OutputBudget();
  instance.registerHelper(SHOWN, (value: unknown) => room.take(goText(value)));
  instance.registerHelper(ESCAPED, (value: unknown) => options.escape(room.take(goText(value))));
  const known = [...helpers.keys(), ...blocks.keys(), SHOWN, ESCAPED];
  const compileOptions = {
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: { ...Object.fromEntries(known.map((name) => [name, true])), log: false } as KnownHelpers,
  };
  const partials = new Map<string, Checked>();
  const workshop: TemplateCompiler = { instance, names, compileOptions, partials, room };
  for (const source of sources) partials.set(source.name, checkTemplate(workshop, source));
  for (const source of sources) {
    if (partials.get(source.name)?.issue === null) instance.registerPartial(source.name, whenUsed(workshop, source));
  }
  return { compile: (source) => compileTemplate(workshop, source) };
}

/** Internal helpers, named as no template can name one. */
const SHOWN = " shown";
const ESCAPED = " escaped";

function compileTemplate(workshop: TemplateCompiler, source: TemplateSource): Compiled {
  const checked = checkTemplate(workshop, source);
  const issue = checked.issue ?? issueInPartials(workshop, checked);
  if (issue !== null) return { kind: "faulty", issue };
  const run = whenUsed(workshop, source);
  return {
    kind: "compiled",
    template: {
      name: source.name,
      render: (view, context, most = Number.POSITIVE_INFINITY) => {
        workshop.room.open(most);
        return renderTemplate(source.name, () => runWith(run, view, context));
      },
    },
  };
}

function runWith(run: Handlebars.TemplateDelegate, view: object, context: RenderContext): string {
  return run(view, {
    data: { now: context.now, timezone: context.timezone, language: context.language },
    // Said explicitly, because Handlebars prints a warning about each denied name only while these are undefined.
    allowProtoPropertiesByDefault: false,
    allowProtoMethodsByDefault: false,
  });
}

function renderTemplate(name: string, run: () => string): string {
  try {
    const text = run();
    if (utf8Length(text) > MAX_OUTPUT_BYTES) throw new Error(`its text exceeds ${MAX_OUTPUT_BYTES} bytes`);
    return text;
  } catch (cause) {
    if (cause instanceof PrintsTooMuch) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw Object.assign(new Error(`template "${name}": ${reason}`, { cause }), { code: "template_failed" });
  }
}

/** Parses, looks for unknown names and lets Handlebars' compiler judge, so that no issue waits for the first alert. */
function checkTemplate(workshop: TemplateCompiler, source: TemplateSource): Checked {
  const parsed = withIssue(source, () => parse(workshop, source.text));
  if (parsed.issue !== null) return { issue: parsed.issue, uses: new Set() };
  const { issues, uses } = rewriteFor(workshop, source, parsed.value);
  const [first] = issues;
  if (first !== undefined) return { issue: first, uses };
  const { issue } = withIssue(source, () => dryCompile(workshop.instance, parsed.value, workshop.compileOptions));
  return { issue, uses };
}

type Attempt<T> = { readonly issue: null; readonly value: T } | { readonly issue: Issue };

function withIssue<T>(source: TemplateSource, run: () => T): Attempt<T> {
  try {
    return { issue: null, value: run() };
  } catch (error) {
    return { issue: templateSyntaxIssue(source, error) };
  }
}

function parse(workshop: TemplateCompiler, text: string): hbs.AST.Program {
  if (typeof text !== "string") throw new TypeError("a template must be a string");
  // Without processing: compile() trims white space itself, and must do so once.
  return workshop.instance.parseWithoutProcessing(text);
}

function rewriteFor({ names }: TemplateCompiler, { text, path }: TemplateSource, program: hbs.AST.Program): Rewritten {
  return rewrite(program, { text, path, names, shown: SHOWN, escaped: ESCAPED });
}

/** A service uses few of its templates. Until then one costs its text alone. */
function whenUsed(workshop: TemplateCompiler, source: TemplateSource): Handlebars.TemplateDelegate {
  let built: Handlebars.TemplateDelegate | null = null;
  return (view, options) => {
    built ??= build(workshop, source);
    return built(view, options);
  };
}

function build(workshop: TemplateCompiler, source: TemplateSource): Handlebars.TemplateDelegate {
  const program = parse(workshop, source.text);
  rewriteFor(workshop, source, program);
  return workshop.instance.compile(program, workshop.compileOptions);
}

function issueInPartials(workshop: TemplateCompiler, start: Checked): Issue | null {
  const seen = new Set<string>(start.uses);
  for (const name of seen) {
    const checked = workshop.partials.get(name);
    if (checked?.issue) return checked.issue;
    for (const used of checked?.uses ?? []) seen.add(used); // a Set's loop also visits what is added during it
  }
  return null;
}
