import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fit, fitFirst, fitWithin, type Run } from "../../../../src/render/fit/fit.ts";

/** Rows of ten bytes below a head that says the part. */
function drawing() {
  const drawn: number[] = [];
  const draw = ({ from, to, number, total, level }: Run) => {
    drawn.push(to - from);
    return `${number}/${total}:${"x".repeat((to - from) * Math.min(10, level?.capBytes ?? 10))}`;
  };
  return { draw, drawn };
}

describe("fitWithin", () => {
  test("gives what fit gives when that is few enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 60, max: 900 }), (count, maxBytes) => {
        const options = { count, maxBytes, draw: drawing().draw };

        const all = fit(options);

        assert.deepEqual(fitWithin(options, all.length), all);
        assert.equal(all.length === 1 ? null : fitWithin(options, all.length - 1), null);
      }),
    );
  });

  test("draws no more than it takes to see that it is too much", () => {
    const { draw, drawn } = drawing();

    assert.equal(fitWithin({ count: 100_000, maxBytes: 400, draw }, 3), null);

    assert.ok(Math.max(...drawn) <= 200);
    assert.ok(drawn.length < 30, `${drawn.length} drawings`);
  });
});

describe("fitFirst", () => {
  test("is the longest run from the first that fits one body", () => {
    const { draw } = drawing();

    assert.equal(fitFirst({ count: 1000, maxBytes: 104, draw }), `1/1:${"x".repeat(100)}`);
    assert.equal(fitFirst({ count: 3, maxBytes: 104, draw }), `1/1:${"x".repeat(30)}`);
  });

  test("shrinks the first when not even that fits", () => {
    const draw = ({ level }: Run) => "x".repeat(Math.min(100, level?.capBytes ?? 100));

    assert.equal(fitFirst({ count: 5, maxBytes: 50, draw }).length, 50);
  });
});
