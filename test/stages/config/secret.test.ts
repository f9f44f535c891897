// What a Secret says yes to, and that it never says itself.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { Secret } from "../../../src/config/secret.ts";

test("equals is equality of texts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
      assert.equal(new Secret(one).equals(other), one.isWellFormed() && other.isWellFormed() ? one === other : true);
    }),
  );
});

test("signed is HMAC-SHA256 in lower-case hex over the chunks in a row", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.uint8Array(), (key, prefix, bytes) => {
      const signature = createHmac("sha256", key).update(prefix).update(bytes).digest("hex");

      const secret = new Secret(key);

      assert.ok(secret.signed([prefix, bytes], signature));
      assert.ok(!secret.signed([prefix, bytes, "x"], signature));
      assert.ok(!secret.signed([prefix, bytes], signature.slice(1)));
      assert.ok(!secret.signed([prefix, bytes], signature.toUpperCase().replace(/^[0-9]*$/, "")));
    }),
  );
});

test("a secret prints as <secret>", () => {
  const secret = new Secret("needle");

  for (const shown of [`${secret}`, JSON.stringify({ secret }), inspect({ secret }), String(secret)]) {
    assert.match(shown, /<secret>/);
    assert.doesNotMatch(shown, /needle/);
  }
});
