// Back-off and logging of failed authentications.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthFailures } from "../../../src/receive/auth-failures.ts";

test("each failure of an address is answered later than the one before, up to a second", () => {
  const failures = createAuthFailures();

  const delays = Array.from({ length: 8 }, () => failures.record("10.0.0.1", 0).delayMs);

  assert.deepEqual(delays, [50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test("other addresses do not wait, and a minute without a failure ends the back-off", () => {
  const failures = createAuthFailures();
  for (let failure = 0; failure < 5; failure++) failures.record("10.0.0.1", 0);

  assert.equal(failures.record("10.0.0.2", 0).delayMs, 50);
  assert.equal(failures.record("10.0.0.1", 60_000).delayMs, 50);
});

test("an address is logged once a minute, with the number of failures that were not logged", () => {
  const failures = createAuthFailures();

  const silent = [0, 1, 59_999, 60_000].map((now) => failures.record("10.0.0.1", now).silent);

  assert.deepEqual(silent, [0, null, null, 2]);
});

test("all addresses together get sixty log lines a minute", () => {
  const failures = createAuthFailures();

  const logged = Array.from({ length: 500 }, (_, index) => failures.record(`10.0.0.${index}`, 0).silent);

  assert.equal(logged.filter((silent) => silent !== null).length, 60);
  assert.notEqual(failures.record("10.0.1.1", 60_000).silent, null);
});

test("beyond the limit, the address whose last failure is the oldest is forgotten", () => {
  const failures = createAuthFailures(2);
  for (const address of ["a", "b", "a", "c"]) failures.record(address, 0);

  assert.equal(failures.record("a", 0).delayMs, 200);
  assert.equal(failures.record("b", 0).delayMs, 50);
});
