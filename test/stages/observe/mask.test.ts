// What maskSecrets masks, and what it keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { signToken } from "../../../src/actions/token.ts";
import { identityHash } from "../../../src/domain/instance.ts";
import { maskSecrets } from "../../../src/observe/mask.ts";

const cases: readonly (readonly [string, string])[] = [
  ["https://x/send?key=abc&debug=1", "https://x/send?key=<secret>&debug=1"],
  ["https://x/send?debug=1&key=abc", "https://x/send?debug=1&key=<secret>"],
  ["GET /r?to=https%3A%2F%2Fx%2Fsend%3Fkey%3Dabc", "GET /r?to=https%3A%2F%2Fx%2Fsend%3Fkey%3D<secret>"],
  ["KEY=abc", "KEY=<secret>"],
  ["access_token=abc.def-g", "access_token=<secret>"],
  ["token=abc, secret=def; password=ghi", "token=<secret>, secret=<secret>; password=<secret>"],
  ['{"key":"abc","n":1}', '{"key":"<secret>","n":1}'],
  ["wecombot://abc-def/", "wecombot://<secret>"],
  ["wecom://abc-def", "wecom://<secret>"],
  ["proxy http://user:pa@ss@proxy:3128 refused", "proxy http://<secret>@proxy:3128 refused"],
  ["postgres://alert:s3cret@db/alerts", "postgres://<secret>@db/alerts"],
  ["Authorization: Bearer abc.def", "Authorization: <secret>"],
  ["is 693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa known?", "is <secret> known?"],
  [`[处理](https://x/wecom/a/1${"Ab_-".repeat(14)}) · 12`, "[处理](https://x/wecom/a/<secret>) · 12"],
  [`GET /a/1${"x".repeat(34)}?done=1`, "GET /a/<secret>?done=1"],
  [`next=%2Fa%2F1${"x".repeat(56)}&n=1`, "next=%2Fa%2F<secret>&n=1"],
  // Not credentials.
  ["https://x/a/1234567890/panel", "https://x/a/1234567890/panel"],
  [`https://x/data/1${"x".repeat(40)}`, `https://x/data/1${"x".repeat(40)}`],
  ["groupKey={}:{alertname=x}", "groupKey={}:{alertname=x}"],
  ["https://x/a@b?c=d", "https://x/a@b?c=d"],
  ["keys=3 tokens=4", "keys=3 tokens=4"],
  ["invalid param 'key'", "invalid param 'key'"],
  ["fingerprint 57c6d9296de2ad39", "fingerprint 57c6d9296de2ad39"],
];
for (const [text, masked] of cases) {
  test(`${text} is shown as ${masked}`, () => {
    assert.equal(maskSecrets(text), masked);
  });
}

test("a key in a URL is masked whatever surrounds it", () => {
  const word = fc.stringMatching(/^[a-z0-9 /.:"'(&?]{0,20}$/);
  fc.assert(
    fc.property(fc.uuid(), word, word, (key, before, after) => {
      assert.ok(!maskSecrets(`${before}?key=${key} ${after}`).includes(key));
    }),
  );
});

test("a token of a link is masked whatever surrounds it", () => {
  const secret = Buffer.from("a secret of links");
  const word = fc.stringMatching(/^[a-z0-9 /.:"'(&?]{0,20}$/);
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), word, word, (notificationId, isOfAlert, before, after) => {
      const identity = isOfAlert ? identityHash(notificationId) : null;
      const token = signToken(secret, { notificationId, identity, expiresAt: 1_800_000_000_000 });

      assert.ok(!maskSecrets(`${before}/a/${token}${after}`).includes(token));
    }),
  );
});

test("masking twice is the same as masking once", () => {
  for (const [text] of cases) assert.equal(maskSecrets(maskSecrets(text)), maskSecrets(text));
});
