import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutboxAway } from "../../../../src/outbox/errors.ts";
import { asAway, endsConnection, gaveNoAnswer } from "../../../../src/outbox/postgres/failure.ts";

const cases = [
  { what: "a broken connection", cause: new Error("read ECONNRESET"), passes: true, ends: true },
  { what: "no answer in time", cause: new Error("Query read timeout"), passes: true, ends: true, silent: true },
  { what: "a refused connection (08)", cause: answer("08006"), passes: true, ends: true },
  { what: "a shutdown (57P01)", cause: answer("57P01"), passes: true, ends: true },
  { what: "a start (57P03)", cause: answer("57P03"), passes: true, ends: true },
  { what: "a pause within a transaction (25P03)", cause: answer("25P03"), passes: true, ends: true },
  { what: "a statement that took too long (57014)", cause: answer("57014"), passes: true, ends: false },
  { what: "a lock that was not to be had (55P03)", cause: answer("55P03"), passes: true, ends: false },
  { what: "a standby (25006)", cause: answer("25006"), passes: true, ends: false },
  { what: "a deadlock (40P01)", cause: answer("40P01"), passes: true, ends: false },
  { what: "a full disk (53100)", cause: answer("53100"), passes: true, ends: false },
  { what: "a statement in a failed transaction (25P02)", cause: answer("25P02"), passes: false, ends: false },
  { what: "a table that is not there (42P01)", cause: answer("42P01"), passes: false, ends: false },
];

describe("a failure of PostgreSQL", () => {
  for (const { what, cause, passes, ends, silent = false } of cases) {
    it(`${what} ${passes ? "is temporary" : "is an error of ours"}, ${ends ? "and ends" : "but leaves"} the connection`, () => {
      const seen = [asAway(cause) instanceof OutboxAway, endsConnection(cause), gaveNoAnswer(cause)];

      assert.deepEqual(seen, [passes, ends, silent]);
    });
  }
});

/** As the driver throws what the server reported. */
function answer(code: string): Error {
  return Object.assign(new Error("from the server"), { code, severity: "ERROR" });
}
