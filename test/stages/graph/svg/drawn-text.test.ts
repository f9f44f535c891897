import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { drawnText, fitted, fittedInMiddle, textWidth } from "../../../../src/graph/svg/drawn-text.ts";

const all = () => true;

describe("a text in a graph", () => {
  it("has Latin letters narrower than Han", () => {
    assert.equal(textWidth("磁盘", 26), 52);
    assert.equal(textWidth("up", 1000), 607 + 620);
    assert.ok(textWidth("é", 10) < 10);
  });

  it("is cut at its end or in its middle", () => {
    assert.equal(fitted("short", 20, 100), "short");
    assert.equal(fitted("磁盘使用率过高", 10, 45), "磁盘使…");
    assert.equal(fittedInMiddle("磁盘使用率过高", 10, 55), "磁盘…过高");
  });

  it("is never wider than its place, and the whole text where that fits", () => {
    const width = fc.integer({ min: 30, max: 900 });

    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), width, (text, width) => {
        for (const cut of [fitted(text, 20, width), fittedInMiddle(text, 20, width)]) {
          assert.ok(textWidth(cut, 20) <= width);
          assert.equal(cut === text, textWidth(text, 20) <= width);
        }
      }),
    );
  });

  it("has no control characters, no half characters and no more than can be drawn", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 1_000 }), (text) => {
        const drawn = drawnText(text, all);

        assert.ok(drawn.isWellFormed() && drawn.length <= 401);
        assert.doesNotMatch(drawn, /\p{C}/u);
      }),
    );
  });

  it("keeps what the font has", () => {
    const has = (codePoint: number) => codePoint !== "龘".codePointAt(0);

    assert.equal(drawnText("磁盘 龘 up", has), "磁盘 □ up");
    assert.equal(drawnText(" a\n\tb ", has), "a b");
  });
});
