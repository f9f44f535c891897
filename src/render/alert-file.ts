// Alerts as files for a spreadsheet: CSV in UTF-8 with a byte order mark, all cells quoted (RFC 4180). A cell that a
// spreadsheet would read as a formula begins with an apostrophe. A list that is too long for one file continues in the
// next. Every annotation that has no column of its own has one under its name.

import type { Language } from "../domain/message-kind.ts";
import { fileMaxBytes } from "../wecom/limits.ts";
import { alertTextMaxBytes } from "./fit/shorten-alerts.ts";
import { shortenText } from "./fit/shorten-text.ts";
import { cleanText } from "./markup/escape.ts";
import { type MessageDraft, mediaPlaceholder } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";
import type { SourcedRow } from "./view/digest-view.ts";
import { labelOf } from "./view/labels.ts";
import { type AlertColumn, filled, type Strings, stringsFor } from "./view/strings.ts";
import { clockOf } from "./view/times.ts";

const byteOrderMark = "\uFEFF";

/** One message per file. `maxBytes` is for tests. */
export function fileDrafts(
  rows: readonly SourcedRow[],
  about: { readonly bot: string; readonly settings: RenderSettings },
  maxBytes = fileMaxBytes,
): readonly MessageDraft[] {
  const { language, timezone, now } = about.settings;
  const files = csvFiles(rows, language, maxBytes);
  const time = clockOf(timezone)(now).replace(" ", "-").replaceAll(":", "");
  return files.map((text, index) => {
    const number = files.length === 1 ? "" : `-${index + 1}of${files.length}`;
    return {
      message: { msgtype: "file", file: { media_id: mediaPlaceholder } },
      media: { type: "file", name: `alerts-${about.bot}-${time}${number}.csv`, content: Buffer.from(text) },
      picture: null,
    };
  });
}

/** Every file begins with the column heads. */
function csvFiles(rows: readonly SourcedRow[], language: Language, maxBytes: number): readonly string[] {
  const strings = stringsFor(language);
  const names = noteNames(rows);
  const others = names.length > notesMax ? [strings.otherNotes] : [];
  const shown = { strings, names: names.slice(0, notesMax), others: new Set(names.slice(notesMax)) };
  const head = byteOrderMark + lineOf([...Object.values(strings.columns), ...shown.names, ...others]);
  const files: string[][] = [];
  let room = 0;
  for (const row of rows) {
    const line = lineOf([...cellsOf(row, strings), ...noteCells(row, shown)]);
    const bytes = Buffer.byteLength(line);
    if (bytes > room || files.length === 0) {
      files.push([head]);
      room = maxBytes - Buffer.byteLength(head);
    }
    files.at(-1)?.push(line);
    room -= bytes;
  }
  return files.map((lines) => lines.join(""));
}

/** The most frequent; a sender could make up a name for each alert. */
const notesMax = 50;

/** Annotations that are not shown as the summary or the description, the most frequent first. */
function noteNames(rows: readonly SourcedRow[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { row, alert } of rows) {
    for (const [name, text] of Object.entries(alert.annotations)) {
      if (![row.summary, row.description, row.value].includes(text)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
}

interface NoteColumns {
  readonly strings: Strings;
  readonly names: readonly string[];
  /** Shown together in one column. */
  readonly others: ReadonlySet<string>;
}

function noteCells({ alert }: SourcedRow, { strings, names, others }: NoteColumns): readonly string[] {
  const cells = names.map((name) => labelOf(alert.annotations, name));
  const rest = Object.entries(alert.annotations).filter(([name]) => others.has(name));
  const last = others.size === 0 ? [] : [rest.map(([name, text]) => `${name}: ${text}`).join("\n")];
  return [...cells, ...last].map((cell) => shortenText(cell, alertTextMaxBytes, strings));
}

function cellsOf({ row, alert, receiver }: SourcedRow, strings: Strings): readonly string[] {
  const waited = row.recoveredWhileWaiting ? strings.recoveredWhileWaiting : "";
  const remarks = [row.stateReason, row.recovery, waited, row.caveat];
  const cells: Readonly<Record<AlertColumn, string>> = {
    state: row.stateWord,
    severity: row.severity,
    name: row.name,
    labels: Object.entries(alert.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(", "),
    summary: row.summary,
    description: row.description,
    value: row.value,
    start: row.start,
    end: row.end,
    duration: row.duration,
    remark: filled(remarks).join(strings.listMark),
    source: alert.links.generatorURL ?? "",
    receiver,
    fingerprint: alert.fingerprint,
  };
  const names = Object.keys(strings.columns) as AlertColumn[];
  return names.map((name) => shortenText(cells[name], alertTextMaxBytes, strings));
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(quoted).join(",")}\r\n`;
}

/** Most cells of a long list are empty: few alerts have all annotations. */
function quoted(cell: string): string {
  return cell === "" ? '""' : `"${harmlessCell(cell).replaceAll('"', '""')}"`;
}

/** Source of the characters: OWASP, CSV Injection; some spreadsheets also accept their full-width twins. */
function harmlessCell(cell: string): string {
  const clean = cleanText(cell);
  return /^\s*[=+\-@＝＋－＠]/.test(clean) ? `'${clean}` : clean;
}
