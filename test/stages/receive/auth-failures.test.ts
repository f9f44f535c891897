// How long strangers wait, and how seldom the log speaks of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthFailures } from "../../../src/receive/auth-failures.ts";

test("each failure of an address is answered later than the one before, up to a second", () => {
  const strangers = createAuthFailures();

  const delays = Array.from({ length: 8 }, () => strangers.refused("10.0.0.1", 0).delayMs);

  assert.deepEqual(delays, [50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test("another address does not wait for it, and a minute without failure is forgiven", () => {
  const strangers = createAuthFailures();
  for (let failure = 0; failure < 5; failure++) strangers.refused("10.0.0.1", 0);

  assert.equal(strangers.refused("10.0.0.2", 0).delayMs, 50);
  assert.equal(strangers.refused("10.0.0.1", 60_000).delayMs, 50);
});

test("the log speaks once a minute of an address, and says how often it kept silent", () => {
  const strangers = createAuthFailures();

  const silent = [0, 1, 59_999, 60_000].map((now) => strangers.refused("10.0.0.1", now).silent);

  assert.deepEqual(silent, [0, null, null, 2]);
});

test("many addresses get sixty lines a minute between them", () => {
  const strangers = createAuthFailures();

  const spoken = Array.from({ length: 500 }, (_, index) => strangers.refused(`10.0.0.${index}`, 0).silent);

  assert.equal(spoken.filter((silent) => silent !== null).length, 60);
  assert.notEqual(strangers.refused("10.0.1.1", 60_000).silent, null);
});

test("beyond its bound the address that failed longest ago is forgotten", () => {
  const strangers = createAuthFailures(2);
  for (const address of ["a", "b", "a", "c"]) strangers.refused(address, 0);

  assert.equal(strangers.refused("a", 0).delayMs, 200);
  assert.equal(strangers.refused("b", 0).delayMs, 50);
});
