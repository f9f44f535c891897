// Rows as parameters of a statement, one array for each column: the text is the same however many rows there are.

import type { Statement } from "./pool.ts";

export type Columns = Readonly<Record<string, "integer" | "bigint" | "text" | "bytea">>;

type ColumnName<C extends Columns> = Extract<keyof C, string>;

type RowOf<C extends Columns> = Readonly<Record<ColumnName<C>, unknown>>;

export interface RowParameters<Name extends string> {
  /** For `from`, with the alias r. */
  readonly from: string;
  /** With the place of each row as column n, from 1. */
  readonly numbered: string;
  readonly array: (name: Name) => string;
  /**
   * For a row of a table with a column id: the value in the parameters' row with this id, found by bisection. So these rows must be in
   * the order of their ids, which are bigint. Not a join: that could be planned to read all of them for each row of the table.
   */
  readonly of: (name: Name) => string;
}

/** Appends the rows to the parameters in `values`. */
export function rowParameters<C extends Columns>(
  values: unknown[],
  columns: C,
  rows: readonly RowOf<C>[],
): RowParameters<ColumnName<C>> {
  const arrays = new Map<string, string>();
  for (const name in columns) {
    values.push(rows.map((row) => row[name]));
    arrays.set(name, `$${values.length}::${columns[name]}[]`);
  }
  const array = (name: string) => arrays.get(name) ?? "";
  const names = [...arrays.keys()].join(", ");
  const unnested = `unnest(${[...arrays.values()].join(", ")})`;
  return {
    from: `${unnested} as r (${names})`,
    numbered: `${unnested} with ordinality as r (${names}, n)`,
    array,
    of: (name) => `(${array(name)})[width_bucket(id, ${array("id")})]`,
  };
}

interface Part<C extends Columns> {
  readonly name: string;
  readonly columns: C;
  readonly rows: readonly RowOf<C>[];
}

/** Of rows with a lane: those whose lane is held. */
export const isHeld = "r.lane = any(array(select lane from held))";

/** A statement of the parts that have rows. Their names begin with different letters, which make the name of the statement. */
export class StatementParts {
  readonly #values: unknown[] = [];
  readonly #texts: string[] = [];
  #letters = "";

  /** Does nothing without rows. */
  add<C extends Columns>({ name, columns, rows }: Part<C>, text: (r: RowParameters<ColumnName<C>>) => string): void {
    if (rows.length === 0) return;
    this.#letters += name.charAt(0);
    this.#texts.push(`${name} as (${text(rowParameters(this.#values, columns, rows))})`);
  }

  /** Of lanes that are held. The first column is the lane, the second one the order in which the rows are written. */
  insert<C extends Columns>(table: string, part: Part<C>, onConflict = ""): void {
    const names = Object.keys(part.columns).slice(1).join(", ");
    const insert = `insert into ${table} (${names}) select ${names}`;
    this.add(part, ({ from }) => `${insert} from ${from} where ${isHeld} order by 1 ${onConflict}`);
  }

  /** Of lanes that are held. `action` is all of an update or a delete but its condition. */
  change<C extends Columns>(part: Part<C>, action: (r: RowParameters<ColumnName<C>>) => string): void {
    this.add(part, (r) => `${action(r)} where id = any(array(select r.id from ${r.from} where ${isHeld}))`);
  }

  has(name: string): boolean {
    return this.#letters.includes(name.charAt(0));
  }

  statement(end: string): Statement {
    return { name: `write ${this.#letters}`, text: `with ${this.#texts.join(",\n")}\n${end}`, values: this.#values };
  }
}
