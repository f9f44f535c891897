import type { FirstRows, Sql, SqlDatabase } from "../engine.ts";
import { type ProbedPool, runOn, withConnection } from "./pool.ts";

/** For statements that are seldom run: they are not prepared. */
export class PostgresDatabase implements SqlDatabase {
  readonly #pool: ProbedPool;

  constructor(pool: ProbedPool) {
    this.#pool = pool;
  }

  all<Row>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return runOn(this.#pool, { name: null, text, values: parameters });
  }

  async firstRows<Row>(text: string, parameters: readonly unknown[], limit: number): Promise<FirstRows<Row>> {
    const rows = await this.all<Row>(`${text} limit ${limit}`, parameters);
    return { rows, isLast: rows.length < limit };
  }

  isOneOf(column: string, parameter: string, type: "bigint" | "text"): string {
    return `${column} = any(array(select value::${type} from json_array_elements_text(${parameter}::json)))`;
  }

  contains(column: string, parameter: string): string {
    return `strpos(${column}, ${parameter}) > 0`;
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return withConnection(this.#pool, async (connection) => {
      const all: Sql["all"] = (text, values = []) => connection.query({ name: null, text, values });
      await all("begin");
      try {
        const result = await work({ all, isOneOf: this.isOneOf, contains: this.contains });
        await all("commit");
        return result;
      } catch (cause) {
        // Of a broken connection it fails: the server rolls back by itself.
        await all("rollback").catch(() => {});
        throw cause;
      }
    });
  }
}
