import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFailure } from "../../../src/commands/long-running.ts";

const address = { host: null, port: 8060 };
const failing = (code: string, message = "as the system says it") => Object.assign(new Error(message), { code });

describe("startFailure", () => {
  const known: readonly [string, RegExp][] = [
    ["EADDRINUSE", /127\.0\.0\.1:8060 is in use: .*--web\.listen-address/u],
    ["EADDRNOTAVAIL", /not an address of this machine/u],
    ["EACCES", /above 1023/u],
    ["ENOTFOUND", /the host of http:\/\/127\.0\.0\.1:8060 has no address: correct --web\.listen-address/u],
  ];
  for (const [code, words] of known) {
    it(`${code} says what to do, without a stack`, () => {
      const fields = startFailure(failing(code), address);

      assert.match(String(fields.reason), words);
      assert.equal("err" in fields, false);
    });
  }

  it("an error of the outbox file has its own text", () => {
    const fields = startFailure(failing("outbox_locked", "the outbox x is in use"), address);

    assert.deepEqual(fields, { code: "outbox_locked", reason: "the outbox x is in use" });
  });

  it("an unreachable database is not retried by a process that ends", () => {
    const cause = new Error("connect ECONNREFUSED 127.0.0.1:5432");

    const { reason } = startFailure(
      Object.assign(new Error("…; it is tried again", { cause }), { code: "outbox_away" }),
      address,
    );

    assert.match(String(reason), /ECONNREFUSED.*start again/u);
    assert.doesNotMatch(String(reason), /tried again/u);
  });

  it("a password that PostgreSQL refuses is named in its words, without a stack", () => {
    const rejected = failing("28P01", 'password authentication failed for user "alerts"');
    const away = Object.assign(new Error("…", { cause: rejected }), { code: "outbox_away" });

    const refused = 'PostgreSQL refuses the connection: password authentication failed for user "alerts"';
    for (const [code, err] of [
      ["28P01", rejected],
      ["outbox_away", away],
    ] as const) {
      assert.deepEqual(startFailure(err, address), { code, reason: `${refused}; correct storage or the password` });
    }
  });

  it("an unknown error keeps its stack", () => {
    const err = new TypeError("a bug");

    assert.deepEqual(startFailure(err, address), { err });
  });
});
