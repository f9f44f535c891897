import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BodyCache, deflated, inflated } from "../../../src/outbox/bodies.ts";

describe("stored bodies", () => {
  const texts = ["", "x", "告警 😀 \u0000", "short ".repeat(1_000), "大".repeat(200_000), "random ".repeat(100_000)];
  for (const text of texts) {
    it(`${text.length} characters are read as they were stored`, async () => {
      assert.equal(await inflated(await deflated(text)), text);
    });
  }
});

describe("bodies in memory", () => {
  it("are kept while there is room: then the oldest go, and what alone is too long is not kept", () => {
    const cache = new BodyCache(10);

    cache.keep(1, "12345");
    cache.keep(2, "12345");
    cache.keep(3, "123");
    cache.keep(4, "12345678901");

    assert.deepEqual(
      [1, 2, 3, 4].map((id) => cache.get(id)),
      [null, "12345", "123", null],
    );
  });

  it("give their room back when they are forgotten, once", () => {
    const cache = new BodyCache(10);
    cache.keep(1, "1234567890");

    cache.forget([1, 1, 99]);
    cache.keep(2, "1234567890");
    const roomy = cache.get(2);
    cache.keep(3, "1");

    assert.equal(roomy, "1234567890");
    assert.deepEqual(
      [1, 2, 3].map((id) => cache.get(id)),
      [null, null, "1"],
    );
  });
});
