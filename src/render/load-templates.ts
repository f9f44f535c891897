import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileText } from "../domain/file-text.ts";
import type { Issue } from "../domain/issue.ts";
import { type Language, languages } from "../domain/message-kind.ts";
import { buildTemplateSet, type LoadedTemplates, type TemplateSet } from "./template/template-set.ts";
import type { TemplateSource } from "./template/template-source.ts";

interface LoadOptions {
  /** Of the templates of the operator, relative to `baseDir`. */
  readonly globs: readonly string[];
  readonly baseDir: string;
  /** That templates may name. */
  readonly rotations: TemplateSet["rotations"];
}

/** One folder for each language. Both src/render and dist/chunks lie two folders below the package. */
const builtInDir = join(import.meta.dirname, "..", "..", "templates");

/** Whether an operator wrote it. */
export function isOwnTemplate({ path }: TemplateSource): boolean {
  return !path.startsWith(builtInDir);
}

/** Other files in the folder are ignored: notes, copies of editors, the folders of a mounted ConfigMap. */
const templateLike = /\.(hbs|handlebars|ya?ml|tmpl)$/;

export function loadTemplates(options: LoadOptions): LoadedTemplates {
  const issues: Issue[] = [];
  const own = options.globs.flatMap((glob) => {
    const paths = matches(glob, options.baseDir);
    if (paths.length === 0 && !/[*?[{]/.test(glob)) issues.push(unreadable(glob, "there is no such file"));
    return paths;
  });
  const builtIn = [null, ...languages].flatMap((language) => {
    const folder = join(builtInDir, language ?? "shared");
    const names = readdirSync(folder).sort();
    return names.flatMap((name) => read(join(folder, name), language, issues));
  });
  const sources = [...builtIn, ...own.flatMap((path) => read(path, null, issues))];
  if (issues.length > 0) return { kind: "invalid", issues };
  return buildTemplateSet(sources, options.rotations);
}

function matches(glob: string, baseDir: string): readonly string[] {
  return globSync(glob, { cwd: baseDir })
    .map((path) => resolve(baseDir, path))
    .filter((path) => !basename(path).startsWith(".") && templateLike.test(path) && isFile(path))
    .sort();
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function read(path: string, language: Language | null, issues: Issue[]): readonly TemplateSource[] {
  const file = fileText(() => readFileSync(path));
  if (file.kind === "text") return [{ name: basename(path), path, text: file.text, language }];
  issues.push(unreadable(path, file.message));
  return [];
}

function unreadable(path: string, message: string): Issue {
  return { code: "template_unreadable", path, line: 1, column: 1, message };
}
