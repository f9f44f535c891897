import assert from "node:assert/strict";
import { test } from "node:test";
import { readRoutedGroup } from "../../../src/domain/stored-group.ts";

const group = { alerts: [] };

test("what an older version stored is read whole", () => {
  const old = {
    bot: "ops",
    message: "text_notice",
    template: "default",
    urgent: true,
    mention: { users: ["a"], on: ["firing"] },
  };

  const { destination, mergeWaitMs } = readRoutedGroup(JSON.stringify({ destination: old, group }));

  assert.deepEqual(destination, {
    bot: "ops",
    template: "default",
    urgent: true,
    messages: ["text_notice"],
    mention: { users: ["a"], mobiles: [], all: false, on: ["firing"], repeats: false },
  });
  assert.equal(mergeWaitMs, 0);
});

test("what this version stored comes back as it was", () => {
  const destination = {
    bot: "ops",
    messages: ["text", "image"],
    template: "default",
    urgent: false,
    mention: { users: [], mobiles: ["13800000000"], all: true, on: ["resolved"], repeats: true },
  };
  const routed = { destination, group, mergeWaitMs: 5_000 };

  assert.deepEqual(readRoutedGroup(JSON.stringify(routed)), routed);
});
