import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fit, fitFirst, fitWithin, type Run } from "../../../../src/render/fit/fit.ts";

/** Rows of ten bytes after a heading with the number of the part. */
function rendering() {
  const rendered: number[] = [];
  const render = ({ from, to, number, total, level }: Run) => {
    rendered.push(to - from);
    return `${number}/${total}:${"x".repeat((to - from) * Math.min(10, level?.capBytes ?? 10))}`;
  };
  return { render, rendered };
}

describe("fitWithin", () => {
  test("has the bodies of fit when they are few enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 60, max: 900 }), (count, maxBytes) => {
        const options = { count, maxBytes, render: rendering().render };

        const all = fit(options);

        assert.deepEqual(fitWithin(options, all.length), all);
        assert.equal(all.length === 1 ? null : fitWithin(options, all.length - 1), null);
      }),
    );
  });

  test("renders no more than it takes to see that there are too many", () => {
    const { render, rendered } = rendering();

    assert.equal(fitWithin({ count: 100_000, maxBytes: 400, render }, 3), null);

    assert.ok(Math.max(...rendered) <= 200);
    assert.ok(rendered.length < 30, `${rendered.length} renderings`);
  });
});

describe("fitFirst", () => {
  test("is the longest run from the first that fits one body", () => {
    const { render } = rendering();

    assert.equal(fitFirst({ count: 1000, maxBytes: 104, render }), `1/1:${"x".repeat(100)}`);
    assert.equal(fitFirst({ count: 3, maxBytes: 104, render }), `1/1:${"x".repeat(30)}`);
  });

  test("shortens the first when it does not fit", () => {
    const render = ({ level }: Run) => "x".repeat(Math.min(100, level?.capBytes ?? 100));

    assert.equal(fitFirst({ count: 5, maxBytes: 50, render }).length, 50);
  });
});
