// lines → tables, in one transaction: if we die in it, or a line is faulty, nothing was stored.

import { sql } from "kysely";
import { OutboxNotEmpty } from "./errors.ts";
import { type ExportHead, readExport } from "./export-lines.ts";
import { exportTables, type Row } from "./export-tables.ts";
import { refuseNewerTables } from "./migrate.ts";
import type { Write } from "./schema.ts";
import { moveBackIn } from "./set-back.ts";
import { exactLists } from "./statement-sizes.ts";
import type { ImportOptions, RowCounts } from "./transfer.ts";

export interface Arrival extends Pick<ImportOptions, "windowMs"> {
  /** By the clock of this storage, and by the machine's. */
  readonly now: number;
  readonly machineAt: number;
}

export async function importRows(trx: Write, lines: AsyncIterable<string>, arrival: Arrival): Promise<RowCounts> {
  await refuseNewerTables(trx);
  await refuseUnlessEmpty(trx);
  const reading = readExport(lines);
  const batch = new Batch(trx);
  let head: ExportHead | null = null;
  for (;;) {
    const { done, value } = await reading.next();
    if (done) {
      await batch.store();
      // Two machines whose clocks disagree: nothing on record may lie ahead.
      await moveBackIn(trx, arrival.now);
      return value;
    }
    if (value.kind === "head") head = value;
    else if (head !== null) await batch.add(value.table, arrived(value.row, { ...value, head, arrival }));
  }
}

async function refuseUnlessEmpty(trx: Write): Promise<void> {
  const filled: string[] = [];
  for (const name of exportTables.keys()) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(trx);
    if (rows.length > 0) filled.push(name);
  }
  if (filled.length > 0) throw new OutboxNotEmpty(filled);
}

/** Two clocks that differ by less agree: asking a database for its time takes a while. */
const sameClockMs = 1_000;

interface Journey {
  readonly table: string;
  readonly head: ExportHead;
  readonly arrival: Arrival;
}

/** The row by this storage's clock. */
function arrived(row: Row, { table, head, arrival }: Journey): Row {
  const { now, machineAt, windowMs } = arrival;
  const shiftMs = now - machineAt - head.clockAheadMs;
  const moved = Math.abs(shiftMs) < sameClockMs ? row : shifted(row, table, shiftMs);
  // Whatever the clocks say: the way may have taken no time at all.
  const held = table === "attempts" && typeof row.answered_at === "number" && row.answered_at > head.at - windowMs;
  return held ? { ...moved, answered_at: now } : moved;
}

function shifted(row: Row, table: string, shiftMs: number): Row {
  const columns = exportTables.get(table)?.columns ?? {};
  const entries = Object.entries(row).map(([name, value]) => {
    const isInstant = columns[name]?.startsWith("instant") && typeof value === "number" && value > 0;
    return [name, isInstant ? value + shiftMs : value] as const;
  });
  return Object.fromEntries(entries);
}

const rowsAtOnce = 64;
const charactersAtOnce = 1_000_000;

/** Rows of one table, stored together. */
class Batch {
  readonly #trx: Write;
  #table = "";
  #rows: Row[] = [];
  #characters = 0;

  constructor(trx: Write) {
    this.#trx = trx;
  }

  async add(table: string, row: Row): Promise<void> {
    const isFull = this.#rows.length >= rowsAtOnce || this.#characters >= charactersAtOnce;
    if (isFull || table !== this.#table) await this.store();
    this.#table = table;
    this.#rows.push(row);
    for (const value of Object.values(row)) this.#characters += typeof value === "string" ? value.length : 0;
  }

  async store(): Promise<void> {
    const names = Object.keys(exportTables.get(this.#table)?.columns ?? {});
    const columns = sql.join(names.map((name) => sql.ref(name)));
    for (const rows of exactLists(this.#rows)) {
      const values = rows.map((row) => sql`(${sql.join(names.map((name) => row[name] ?? null))})`);
      await sql`insert into ${sql.table(this.#table)} (${columns}) values ${sql.join(values)}`.execute(this.#trx);
    }
    this.#rows = [];
    this.#characters = 0;
  }
}
