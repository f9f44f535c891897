// One SQL for both engines, for what is not on the way of every notification: records.ts. The two statements of every notification,
// store and write, are written for each engine.

export interface Sql {
  /** Parameters are `$1`, `$2` … in the text. Rows are plain objects, 64-bit integers are numbers. */
  all<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** The condition that a column is one of the numbers or texts of a JSON array, which is the given parameter. */
  isOneOf(column: string, parameter: string, type: "bigint" | "text"): string;
}

export interface SqlDatabase extends Sql {
  /** In one commit, or not at all. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}
