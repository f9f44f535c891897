// The text of values.yaml in; the rows of the READMEs' tables out, in two languages. A row is made from the comment above a
// key: `# -- ` opens it, its lines with Chinese letters are the Chinese sentence. Pure.

import { parse } from "yaml";

export interface ValueRow {
  /** Dotted path. */
  readonly key: string;
  /** As JSON; of a long default only that there is one. */
  readonly fallback: string;
  readonly en: string;
  readonly zh: string;
}

const maxFallback = 40;

export function valueRows(yaml: string): readonly ValueRow[] {
  const values: unknown = parse(yaml);
  const rows: ValueRow[] = [];
  const path: string[] = [];
  let comment: string[] = [];
  for (const line of yaml.split("\n")) {
    const said = /^ *# (.*)$/u.exec(line)?.[1];
    const key = /^( *)([A-Za-z]\w*):/u.exec(line);
    if (said !== undefined) {
      comment = said.startsWith("-- ") ? [said.slice(3)] : comment.length > 0 ? [...comment, said] : [];
      continue;
    }
    if (key !== null) {
      path.splice((key[1] ?? "").length / 2, path.length, key[2] ?? "");
      if (comment.length > 0)
        rows.push({ key: path.join("."), fallback: fallbackOf(values, path), ...sentences(comment) });
    }
    comment = [];
  }
  return rows;
}

/** Every key that has no row, though no row above it covers it. */
export function keysWithoutRow(yaml: string): readonly string[] {
  const rows = valueRows(yaml).map(({ key }) => key);
  const covered = (key: string) => rows.some((row) => key === row || key.startsWith(`${row}.`));
  return leaves(parse(yaml), "").filter((key) => !covered(key));
}

export function tableOf(rows: readonly ValueRow[], language: "en" | "zh"): string {
  const head = language === "en" ? "| value | default | meaning |" : "| 值 | 默认 | 含义 |";
  const lines = rows.map((row) => `| \`${row.key}\` | \`${row.fallback}\` | ${row[language]} |`);
  return [head, "| --- | --- | --- |", ...lines].join("\n");
}

function sentences(comment: readonly string[]): { readonly en: string; readonly zh: string } {
  const chinese = (line: string) => /\p{Script=Han}/u.test(line);
  const en = comment.filter((line) => !chinese(line));
  return { en: en.join(" "), zh: comment.filter(chinese).join("") };
}

function fallbackOf(values: unknown, path: readonly string[]): string {
  let value = values;
  for (const name of path) value = (value as Readonly<Record<string, unknown>>)[name];
  const json = JSON.stringify(value);
  return json.length > maxFallback ? "…" : json;
}

function leaves(value: unknown, prefix: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  const entries = Object.entries(value);
  if (entries.length === 0) return [prefix];
  return entries.flatMap(([key, inner]) => leaves(inner, prefix === "" ? key : `${prefix}.${key}`));
}
