// What a Secret says yes to, and that it never says itself.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { KnownSecrets } from "../../../src/config/known-secrets.ts";
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

test("a secret is hidden wherever a text contains it, as it is or as a part of a URL", () => {
  const secrets = fc.stringMatching(/^[a-z%"\\ 密]{4,20}$/);
  const around = fc.stringMatching(/^[0-9]{0,9}$/);
  fc.assert(
    fc.property(secrets, around, around, (secret, before, after) => {
      for (const shown of [secret, encodeURIComponent(secret)]) {
        assert.equal(new Secret(secret).hideIn(`${before}${shown}${after}`), `${before}<secret>${after}`);
      }
    }),
  );
});

test("nothing is left of a secret that its form in a URL begins with", () => {
  assert.equal(new Secret("rate-50%").hideIn("rate-50%25 rate-50%"), "<secret> <secret>");
});

test("of secrets that contain one another, nothing is left", () => {
  for (const texts of [
    ["needle", "needle-and-more"],
    ["needle-and-more", "needle"],
  ]) {
    const secrets = new KnownSecrets();
    for (const text of texts) secrets.add({ of: new Secret(text) });

    assert.equal(secrets.hideIn("needle-and-more needle"), "<secret> <secret>");
  }
});

test("a secret of up to three characters is not hidden: every other word would be", () => {
  assert.equal(new Secret("ops").hideIn("bot=ops"), "bot=ops");
  assert.equal(new Secret("").hideIn("bot=ops"), "bot=ops");
});

test("of many secrets in one text, no character is left of any", () => {
  const short = fc.stringMatching(/^[ab%密]{4,8}$/);
  const long = fc.stringMatching(/^a{26,30}[ab]{2,8}$/);
  const secrets = fc.array(fc.oneof(short, long), { minLength: 1, maxLength: 8 });
  const texts = fc.stringMatching(/^[ab%密c]{0,20}a{0,60}[ab%密c]{0,20}$/);
  fc.assert(
    fc.property(secrets, texts, (given, text) => {
      const shown = Secret.hider(given.map((one) => new Secret(one)))(text);

      for (const one of given) assert.ok(!shown.includes(one), `${one} in ${shown}`);
      const rest = shown.split("<secret>");
      assert.ok(text.startsWith(rest[0] ?? ""));
      assert.ok(text.endsWith(rest.at(-1) ?? ""));
      if (!given.some((one) => text.includes(one) || text.includes(encodeURIComponent(one)))) assert.equal(shown, text);
    }),
  );
});
