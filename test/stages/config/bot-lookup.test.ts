import assert from "node:assert/strict";
import { test } from "node:test";
import { botLookup } from "../../../src/config/bots.ts";
import { Secret } from "../../../src/config/secret.ts";

const key = "0a1b2c3d-1111-4222-8333-00000000c0de";
const bots = new Map([["ops", { name: "ops", keys: [new Secret("another-key"), new Secret(key)], fallback: null }]]);

const forms = [key, ` ${key} `, `wecombot://${key}`, `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`];

test("a bot is found by its name, and by any of its keys in any form only where inline keys are allowed", () => {
  const [allowed, forbidden] = [true, false].map((allowInlineKeys) => botLookup({ bots, allowInlineKeys }));

  assert.deepEqual([allowed?.("ops"), forbidden?.("ops")], ["ops", "ops"]);
  assert.deepEqual(
    forms.map((form) => [allowed?.(form), forbidden?.(form)]),
    forms.map(() => ["ops", null]),
  );
});

test("a key of no bot, or no key at all, finds nothing", () => {
  const find = botLookup({ bots, allowInlineKeys: true });

  for (const text of ["", "nobody", "ffffffff-1111-4222-8333-00000000c0de", "https://example.com/", "__proto__"]) {
    assert.equal(find(text), null);
  }
});
