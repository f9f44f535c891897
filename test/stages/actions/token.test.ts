import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type LinkToken, readLinkToken, signToken } from "../../../src/actions/token.ts";
import { identityHash } from "../../../src/domain/instance.ts";

const secret = Buffer.from("a secret of links");
const identity = identityHash("an alert");
const token: LinkToken = { notificationId: 7, identity, expiresAt: 1_800_000_000_000 };
const now = token.expiresAt - 1;

const latestAt = 2 ** 32 * 1_000 - 1_000;
const seconds = (from: number, to: number) =>
  fc.integer({ min: from / 1_000, max: to / 1_000 }).map((at) => at * 1_000);
const anyToken = fc.record(
  {
    notificationId: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    identity: fc.option(fc.string().map(identityHash)),
    expiresAt: seconds(1_000, latestAt),
  },
  { noNullPrototype: true },
);
const anySecret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("a token", () => {
  it("says until its time what was signed, with either of two secrets", () => {
    fc.assert(
      fc.property(anyToken, anySecret, anySecret, (signed, one, other) => {
        const text = signToken(one, signed);

        assert.deepEqual(readLinkToken([one], text, signed.expiresAt - 1), signed);
        assert.deepEqual(readLinkToken([other, one], text, signed.expiresAt - 1), signed);
        assert.equal(readLinkToken([one], text, signed.expiresAt), null);
      }),
    );
  });

  it("is void under another secret and without one", () => {
    fc.assert(
      fc.property(anyToken, anySecret, anySecret, (signed, one, other) => {
        fc.pre(!Buffer.from(one).equals(other));

        assert.equal(readLinkToken([other], signToken(one, signed), 0), null);
        assert.equal(readLinkToken([], signToken(one, signed), 0), null);
      }),
    );
  });

  it("is void when any character of it is another one, missing or added", () => {
    const changes = fc.record({
      place: fc.nat({ max: 56 }),
      character: fc.oneof(fc.constantFrom(...alphabet), fc.string({ maxLength: 2 })),
      removed: fc.nat({ max: 1 }),
    });
    fc.assert(
      fc.property(anyToken, changes, (signed, { place, character, removed }) => {
        const text = signToken(secret, signed);
        const altered = text.slice(0, place) + character + text.slice(place + removed);
        fc.pre(altered !== text);

        assert.equal(readLinkToken([secret], altered, 0), null);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is void as any other text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => assert.equal(readLinkToken([secret], text, 0), null)),
    );
  });

  it("is void with the version of another program, also when it is signed", () => {
    for (const version of ["0", "2", "A"]) {
      const text = version + signToken(secret, token).slice(1, -22);
      const signature = createHmac("sha256", secret).update(text).digest().subarray(0, 16).toString("base64url");

      assert.equal(readLinkToken([secret], text + signature, now), null);
    }
  });

  it("is void when it says the same bytes in another way", () => {
    const text = signToken(secret, token);
    const last = alphabet.indexOf(text.at(-1) ?? "");
    // 22 characters hold 132 bits, of which 16 bytes need 128.
    const others = [1, 2, 3].map((bits) => text.slice(0, -1) + alphabet[last ^ bits]);

    for (const other of [...others, `${text}=`, `${text}\n`, ` ${text}`]) {
      assert.equal(readLinkToken([secret], other, now), null, JSON.stringify(other));
    }
  });

  it("needs no more than 60 characters of path, and no escaping there", () => {
    fc.assert(
      fc.property(anyToken, (signed) => {
        const path = `/a/${signToken(secret, signed)}`;

        assert.ok(path.length <= 60, path);
        assert.equal(encodeURI(path), path);
      }),
    );
  });

  it("lives until the second after its time, not shorter", () => {
    const text = signToken(secret, { ...token, expiresAt: 1_799_999_999_001 });

    assert.deepEqual(readLinkToken([secret], text, 1_799_999_999_999), token);
  });

  it("is not made for what it cannot hold", () => {
    assert.throws(() => signToken(secret, { ...token, notificationId: 2 ** 40 }), RangeError);
    assert.throws(() => signToken(secret, { ...token, expiresAt: latestAt + 1_001 }), RangeError);
  });
});
