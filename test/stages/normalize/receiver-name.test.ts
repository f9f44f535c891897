import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unquoteReceiver } from "../../../src/normalize/receiver-name.ts";

/** Go's regexp.QuoteMeta. */
const quoteMeta = (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");

test("unquoting undoes Go's quoting for every name", () => {
  const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."\\.+*?()|[]{}^$a中") }));

  fc.assert(fc.property(name, (text) => assert.equal(unquoteReceiver(quoteMeta(text)), text)));
});

test("a name that was not quoted stays as it is", () => {
  for (const name of ["web.hook", "shop/alerts/wecom", "团队 (值班)", "a\\b", ""])
    assert.equal(unquoteReceiver(name), name);
});
