import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { personName, provenActor, rememberedName, rememberName, shownName } from "../../../src/actions/person.ts";
import { pageStrings } from "../../../src/actions/strings.ts";

describe("a name", () => {
  const cases: readonly (readonly [string, string])[] = [
    [" 张三 ", "张三"],
    ["Li\n\t Si", "Li Si"],
    ["a\u202Eb\u0000c\u200Fd", "a b c d"],
    ["x".repeat(100), "x".repeat(32)],
    ["👨‍👩‍👧", "👨 👩 👧"],
    ["\u2028 ", ""],
  ];
  for (const [typed, name] of cases) {
    it(`${JSON.stringify(typed)} is ${JSON.stringify(name)}`, () => assert.equal(personName(typed), name));
  }

  it("that somebody gave himself says so, and one that a proxy gave does not", () => {
    assert.equal(shownName({ name: "张三", isProven: false }, pageStrings("zh")), "张三（自称）");
    assert.equal(shownName({ name: "Li Si", isProven: false }, pageStrings("en")), "Li Si (name is not verified)");
    assert.equal(shownName({ name: "张三", isProven: true }, pageStrings("zh")), "张三");
  });

  it("is remembered in a cookie, between others", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        const name = personName(typed);
        const cookie = rememberName(name, { secure: false }).split(";")[0] ?? "";

        assert.equal(rememberedName(`a=b; ${cookie}; c=d`), name);
      }),
    );
    assert.equal(rememberedName("alertmanager_wecom_who=%E5%BC"), "");
    assert.equal(rememberedName(undefined), "");
    assert.match(rememberName("a", { secure: true }), /; HttpOnly; SameSite=Lax; Secure$/u);
  });
});

describe("a proxy", () => {
  const rules = { userHeader: "X-Forwarded-User", trustedProxies: ["10.0.0.0/8", "::1", "192.168.1.7"] };
  const cases: readonly (readonly [string, string | undefined, string | null])[] = [
    ["10.2.3.4", "zhangsan", "zhangsan"],
    ["::ffff:10.2.3.4", "zhangsan", "zhangsan"],
    ["::1", "zhangsan", "zhangsan"],
    ["192.168.1.7", Buffer.from("张三").toString("latin1"), "张三"],
    ["192.168.1.8", "zhangsan", null],
    ["fe80::1%eth0", "zhangsan", null],
    ["", "zhangsan", null],
    ["10.2.3.4", undefined, null],
    ["10.2.3.4", " ", null],
  ];
  for (const [address, header, name] of cases) {
    it(`at ${address || "an unknown address"} with ${JSON.stringify(header)} says ${name ?? "nothing"}`, () => {
      const actor = provenActor({ address, headers: { "x-forwarded-user": header } }, rules);

      assert.deepEqual(actor, name === null ? null : { name, isProven: true });
    });
  }

  it("says nothing where the config names no header", () => {
    const asked = { address: "10.2.3.4", headers: { "x-forwarded-user": "zhangsan" } };

    assert.equal(provenActor(asked, { ...rules, userHeader: null }), null);
  });
});
