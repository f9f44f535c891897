import assert from "node:assert/strict";
import { it } from "node:test";
import { createKeyTurns } from "../../../src/deliver/send.ts";

it("requests of one key are made one at a time, in order; another key does not wait for them", async () => {
  const takeTurn = createKeyTurns();
  const began: string[] = [];
  const first = Promise.withResolvers<string>();

  const answers = [
    takeTurn("a", () => {
      began.push("a1");
      return first.promise;
    }),
    takeTurn("a", async () => {
      began.push("a2");
      return "second";
    }),
  ];
  const other = await takeTurn("b", async () => "other");
  const beforeTheAnswer = [...began];
  first.resolve("first");

  assert.equal(other, "other");
  assert.deepEqual(beforeTheAnswer, ["a1"]);
  assert.deepEqual(await Promise.all(answers), ["first", "second"]);
  assert.deepEqual(began, ["a1", "a2"]);
});
