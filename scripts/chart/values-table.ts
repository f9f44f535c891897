// Makes the tables of the chart's READMEs from values.yaml. A row comes from the comment above a key, which starts with `# -- `; its
// lines with Chinese characters are the Chinese text, the others are the English text.

import { parse } from "yaml";

export interface ValueRow {
  /** Dotted path. */
  readonly key: string;
  /** As JSON; "…" for a long one. */
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
    const text = /^ *# (.*)$/u.exec(line)?.[1];
    const key = /^( *)([A-Za-z]\w*):/u.exec(line);
    if (text !== undefined) {
      comment = text.startsWith("-- ") ? [text.slice(3)] : comment.length > 0 ? [...comment, text] : [];
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

/** Every key that neither has a row nor belongs to a key with one. */
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
