import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A SQLite database whose commits can be counted, and made to fail. */
export class FailingDatabase extends DatabaseSync {
  /** Whether the next commit fails before it is on disk, or after it; null when it does not fail. */
  failNext: "before" | "after" | null = null;
  /** How many commits succeed before `failNext` counts. */
  spared = 0;
  commits = 0;
  readonly failure = new Error("the disk failed");

  override prepare(sql: string): StatementSync {
    const statement = super.prepare(sql);
    if (sql !== "commit") return statement;
    const commit = statement.run.bind(statement);
    const run = () => {
      const fails = this.spared === 0 ? this.failNext : null;
      if (this.spared === 0) this.failNext = null;
      else this.spared -= 1;
      if (fails === "before") throw this.failure;
      const done = commit();
      this.commits += 1;
      if (fails === "after") throw this.failure;
      return done;
    };
    return Object.defineProperty(statement, "run", { value: run });
  }
}
