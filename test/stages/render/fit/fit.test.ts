import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DoesNotFit, fit, type Run } from "../../../../src/render/fit/fit.ts";

/** Alerts of given sizes below a head that says the part; a shrunk alert takes its cap, and two bytes per label. */
function drawing(sizes: readonly number[], labels = 0) {
  const runs: Run[] = [];
  const draw = (run: Run) => {
    runs.push(run);
    const alerts = sizes.slice(run.from, run.to).map((size) => Math.min(size, run.level?.capBytes ?? size));
    const bytes = alerts.reduce((sum, size) => sum + size, 0) + 2 * Math.min(labels, run.level?.entries ?? labels);
    return `${run.number}/${run.total}:${"x".repeat(bytes)}`;
  };
  return { draw, runs };
}

describe("fit", () => {
  test("what fits is one part, drawn once", () => {
    const { draw, runs } = drawing([10, 10, 10]);

    const bodies = fit({ count: 3, maxBytes: 100, draw });

    assert.deepEqual(bodies, [`1/1:${"x".repeat(30)}`]);
    assert.equal(runs.length, 1);
  });

  test("parts are as full as whole alerts allow, and numbered with the true total", () => {
    const { draw } = drawing([30, 30, 30, 30, 30]);

    const bodies = fit({ count: 5, maxBytes: 70, draw });

    assert.deepEqual(
      bodies.map((body) => [body.split(":")[0], body.length]),
      [
        ["1/3", 64],
        ["2/3", 64],
        ["3/3", 34],
      ],
    );
  });

  test("an alert that does not fit alone is shrunk no further than it must", () => {
    const { draw } = drawing([500, 10]);

    const bodies = fit({ count: 2, maxBytes: 104, draw });

    assert.deepEqual(
      bodies.map((body) => body.length),
      [104, 14],
    );
  });

  test("labels go only when the shortest texts do not help", () => {
    const { draw, runs } = drawing([500], 1000);

    const [body] = fit({ count: 1, maxBytes: 104, draw });

    assert.equal(body?.length, 104);
    assert.deepEqual(runs.at(-1)?.level, { capBytes: 32, entries: 34 });
  });

  test("a body that does not shrink does not fit", () => {
    const draw = () => "x".repeat(200);

    assert.throws(() => fit({ count: 3, maxBytes: 100, draw }), DoesNotFit);
  });

  test("a body that was not finished counts as one that does not fit", () => {
    const { draw } = drawing(Array(500).fill(30));
    const unfinished = (run: Run) => (run.to - run.from > 20 ? null : draw(run));

    const bodies = fit({ count: 500, maxBytes: 100, draw: unfinished });

    assert.deepEqual(bodies, fit({ count: 500, maxBytes: 100, draw }));
  });

  test("the number of drawings per part grows with the logarithm of its alerts", () => {
    const sizes = Array.from({ length: 2000 }, (_, index) => 20 + ((index * 7919) % 41));
    const { draw, runs } = drawing(sizes);

    const bodies = fit({ count: 2000, maxBytes: 4000, draw });

    assert.ok(runs.length <= bodies.length * 10, `${runs.length} drawings of ${bodies.length} parts`);
  });
});
