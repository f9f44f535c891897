// Rows as parameters of a statement, one array for each column: the text is the same however many rows there are.

import { parseColumns } from "../tables.ts";
import type { Statement } from "./pool.ts";

export interface RowParameters {
  /** For `from`, with the alias r. */
  readonly from: string;
  /** With the place of each row as column n, from 1. */
  readonly numbered: string;
  readonly array: (name: string) => string;
  /**
   * For a row of a table with a column id: the value in the parameters' row with this id, found by bisection. So these rows must be in
   * the order of their ids, which are bigint. Not a join: that could be planned to read all of them for each row of the table.
   */
  readonly of: (name: string) => string;
}

/**
 * Appends the rows to the parameters in `values`.
 *
 * @param columns names and types, as in "id bigint, body text"
 */
export function rowParameters(values: unknown[], columns: string, rows: readonly object[]): RowParameters {
  const arrays = new Map<string, string>();
  for (const [name, type] of parseColumns(columns)) {
    values.push(rows.map((row): unknown => Reflect.get(row, name)));
    arrays.set(name, `$${values.length}::${type}[]`);
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

interface PartRows {
  readonly columns: string;
  readonly rows: readonly object[];
}

/** Of rows with a lane: those whose lane is held. */
export const isHeld = "r.lane = any(array(select lane from held))";

/** A statement of the parts that have rows. They are added in one order, so that which of them have rows makes the statement's name. */
export class StatementParts {
  readonly #values: unknown[] = [];
  readonly #texts = new Map<string, string>();
  #pattern = "";

  /** Does nothing without rows. */
  add(name: string, { columns, rows }: PartRows, text: (r: RowParameters) => string): void {
    this.#pattern += rows.length === 0 ? "0" : "1";
    if (rows.length > 0) this.#texts.set(name, text(rowParameters(this.#values, columns, rows)));
  }

  /** Of lanes that are held. `action` is all of an update or a delete but its condition. */
  change(name: string, part: PartRows, action: (r: RowParameters) => string): void {
    this.add(name, part, (r) => `${action(r)} where id = any(array(select r.id from ${r.from} where ${isHeld}))`);
  }

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  statement(end: string): Statement {
    const parts = [...this.#texts].map(([name, text]) => `${name} as (${text})`);
    return { name: `write ${this.#pattern}`, text: `with ${parts.join(",\n")}\n${end}`, values: this.#values };
  }
}
