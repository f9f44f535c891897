// An export as lines of JSON: a head that names format and versions, a line for each row, and an end that vouches for all before it,
// so that a file which was cut or changed is never taken for a whole one. No line is repeated in a fault: it holds alert text.

import { createHash, type Hash } from "node:crypto";
import { exportTables, type Row, rowFault } from "./export-tables.ts";
import { migrations } from "./migrate.ts";
import type { RowCounts } from "./transfer.ts";

const format = "alertmanager-wecom outbox";
const version = 1;

export interface ExportHead {
  /** By the clock of the storage, epoch ms. */
  readonly at: number;
  /** How far that clock was ahead of the clock of the machine that ran the export. */
  readonly clockAheadMs: number;
}

export type ExportLine =
  | ({ readonly kind: "head" } & ExportHead)
  | { readonly kind: "row"; readonly table: string; readonly row: Row };

/** Thrown while an export is read; nothing of it was stored. */
export class ExportFaulty extends Error {
  readonly code = "outbox_export_faulty";
  constructor(fault: string) {
    super(`the export can not be used: ${fault}; nothing was stored`);
  }
}

export class ExportWriter {
  readonly #write: (line: string) => Promise<void>;
  readonly #hash = createHash("sha256");
  readonly #counts = new Map([...exportTables.keys()].map((table) => [table, 0]));

  constructor(write: (line: string) => Promise<void>) {
    this.#write = write;
  }

  async head({ at, clockAheadMs }: ExportHead): Promise<void> {
    await this.#line({ format, version, schema: migrations.length, at, clockAheadMs });
  }

  async row(table: string, row: Row): Promise<void> {
    this.#counts.set(table, (this.#counts.get(table) ?? 0) + 1);
    await this.#line({ table, row });
  }

  async end(): Promise<RowCounts> {
    const counts = Object.fromEntries(this.#counts);
    await this.#write(JSON.stringify({ rows: counts, sha256: this.#hash.digest("hex") }));
    return counts;
  }

  async #line(value: unknown): Promise<void> {
    const line = JSON.stringify(value);
    add(this.#hash, line);
    await this.#write(line);
  }
}

/** The head, then every row. Ends only after the last line vouched for them; throws ExportFaulty else. */
export async function* readExport(lines: AsyncIterable<string>): AsyncGenerator<ExportLine, RowCounts> {
  const hash = createHash("sha256");
  const counts = new Map([...exportTables.keys()].map((table) => [table, 0]));
  let number = 0;
  let vouched = false;
  for await (const line of lines) {
    number += 1;
    if (vouched) throw new ExportFaulty(`something follows its last line, in line ${number}`);
    const value = parse(line, number);
    if (number === 1) yield { kind: "head", ...headOf(value) };
    else if ("sha256" in value) {
      if (value.sha256 !== hash.digest("hex")) throw new ExportFaulty("it was changed, its checksum does not fit");
      vouched = true;
    } else {
      const row = rowOf(value, number);
      counts.set(row.table, (counts.get(row.table) ?? 0) + 1);
      yield row;
    }
    if (!vouched) add(hash, line);
  }
  if (!vouched) throw new ExportFaulty("its last line is missing: it was cut, or the export did not finish");
  return Object.fromEntries(counts);
}

function add(hash: Hash, line: string): void {
  hash.update(line).update("\n");
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(line: string, number: number): Fields {
  try {
    const value: unknown = JSON.parse(line);
    if (isFields(value)) return value;
  } catch {
    // What the parser says repeats the text.
  }
  throw new ExportFaulty(number === 1 ? "it is not the export of an outbox" : `line ${number} is damaged`);
}

function headOf(head: Fields): ExportHead {
  if (head.format !== format) throw new ExportFaulty("it is not the export of an outbox");
  if (head.version !== version || head.schema !== migrations.length) {
    const found = `format ${Number(head.version)} and schema version ${Number(head.schema)}`;
    const known = `format ${version} and schema version ${migrations.length}`;
    throw new ExportFaulty(`it has ${found}, this program knows ${known}: import it with the version that exported it`);
  }
  const { at, clockAheadMs } = head;
  if (typeof at !== "number" || typeof clockAheadMs !== "number") throw new ExportFaulty("line 1 is damaged");
  return { at, clockAheadMs };
}

function rowOf({ table, row }: Fields, number: number): ExportLine & { readonly kind: "row" } {
  const known = typeof table === "string" ? exportTables.get(table) : undefined;
  if (typeof table !== "string" || known === undefined || !isFields(row)) {
    throw new ExportFaulty(`line ${number} is damaged`);
  }
  const fault = rowFault(row, known);
  if (fault !== null) throw new ExportFaulty(`line ${number} ${fault}`);
  return { kind: "row", table, row: row as Row };
}
