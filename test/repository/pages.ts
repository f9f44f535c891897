// The files of the repository and the parts of its pages, for tests that compare them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** Folders that git ignores, and .git. */
const notOurs = new Set(["node_modules", "dist", "data", ".cache", ".git"]);

/** Paths from the root, sorted. Not from git, because a source archive has no .git. */
export const files: readonly string[] = filesUnder("").toSorted();

/** Markdown pages, without fixtures and golden outputs. */
export const pages: readonly string[] = files.filter(
  (path) => path.endsWith(".md") && !path.startsWith("test/fixtures/") && !path.startsWith("test/golden/"),
);

export const sources: readonly string[] = files.filter((path) => path.startsWith("src/") && path.endsWith(".ts"));

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return notOurs.has(entry.name) ? [] : filesUnder(path);
  });
}

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gmu)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

/** The page without fenced blocks. */
export function prose(page: string): string {
  return page.replace(/^```\w*\n[\s\S]*?^```$/gmu, "");
}

export interface Heading {
  readonly level: number;
  readonly text: string;
}

export function headings(page: string): readonly Heading[] {
  return [...prose(page).matchAll(/^(#{1,6}) (.+)$/gmu)].map((match) => ({
    level: match[1]?.length ?? 0,
    text: match[2] ?? "",
  }));
}

/** The anchor that GitHub makes: lower case, white space to dashes, other characters removed. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/gu, "-");
}

/** Targets of `[text](target)`, without those inside inline code. */
export function links(page: string): readonly string[] {
  const shown = prose(page).replace(/`[^`\n]*`/gu, "");
  return [...shown.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/gu)].map((match) => match[1] ?? "");
}

export function inlineCode(page: string): readonly string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/gu)].map((match) => match[1] ?? "");
}

/** The cells of the first table after `start` (a heading or a comment), without its header. */
export function tableAfter(page: string, start: string): readonly (readonly string[])[] {
  const from = page.indexOf(start);
  if (from === -1) throw new Error(`the page has no "${start}"`);
  const table = /(?:^\|.*\|\n)+/mu.exec(page.slice(from))?.[0] ?? "";
  return table.trimEnd().split("\n").slice(2).map(cellsOf);
}

function cellsOf(row: string): readonly string[] {
  const cells = row.slice(1, -1).split(/(?<!\\)\|/u);
  return cells.map((cell) => cell.trim());
}
