// tables → lines, a few rows at a time: an outbox of any size passes through little memory. In one transaction, in which nobody
// else writes.

import { sql } from "kysely";
import { type ExportHead, ExportWriter } from "./export-lines.ts";
import { type Cell, type ExportTable, exportTables, type Row } from "./export-tables.ts";
import { refuseNewerTables } from "./migrate.ts";
import type { Write } from "./schema.ts";
import type { RowCounts } from "./transfer.ts";

export async function exportRows(
  trx: Write,
  head: ExportHead,
  write: (line: string) => Promise<void>,
): Promise<RowCounts> {
  await refuseNewerTables(trx);
  const writer = new ExportWriter(write);
  await writer.head(head);
  for (const [name, table] of exportTables) {
    for await (const row of rowsOf(trx, name, table)) await writer.row(name, row);
  }
  return writer.end();
}

async function* rowsOf(trx: Write, name: string, table: ExportTable): AsyncGenerator<Row> {
  let after: readonly Cell[] | null = null;
  for (;;) {
    const rows: readonly Row[] = await page(trx, { name, table, after });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < table.rowsAtOnce) return;
    after = table.key.map((column) => last[column] ?? null);
  }
}

interface Page {
  readonly name: string;
  readonly table: ExportTable;
  /** The key of the last row before it; null for the first page. */
  readonly after: readonly Cell[] | null;
}

async function page(trx: Write, { name, table, after }: Page): Promise<readonly Row[]> {
  const columns = sql.join(Object.keys(table.columns).map((column) => sql.ref(column)));
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  const further = after === null ? sql`` : sql`where (${key}) > (${sql.join(after)})`;
  const { rows } = await sql<Row>`
    select ${columns} from ${sql.table(name)} ${further} order by ${key} limit ${table.rowsAtOnce}
  `.execute(trx);
  return rows;
}
