import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DoesNotFit, fit, type Run } from "../../../../src/render/fit/fit.ts";
import type { Level } from "../../../../src/render/fit/shorten-text.ts";

/**
 * Alerts of given sizes after a heading with the number of the part; a shortened alert takes its cap, and two bytes per
 * label.
 */
function rendering(sizes: readonly number[], labels = 0) {
  const runs: Run[] = [];
  const render = (run: Run) => {
    runs.push(run);
    const alerts = sizes.slice(run.from, run.to).map((size) => Math.min(size, run.level?.capBytes ?? size));
    const bytes = alerts.reduce((sum, size) => sum + size, 0) + 2 * Math.min(labels, run.level?.entries ?? labels);
    return `${run.number}/${run.total}:${"x".repeat(bytes)}`;
  };
  return { render, runs };
}

/** Of a text that fits whole or not at all. */
function stepOf({ capBytes }: Level): number {
  return capBytes - (capBytes % 900) + (capBytes > 3_900 ? 90_000 : 0);
}

describe("fit", () => {
  test("what fits is one part, rendered once", () => {
    const { render, runs } = rendering([10, 10, 10]);

    const bodies = fit({ count: 3, maxBytes: 100, render });

    assert.deepEqual(bodies, [`1/1:${"x".repeat(30)}`]);
    assert.equal(runs.length, 1);
  });

  test("parts are as full as whole alerts allow, and numbered with the true total", () => {
    const { render } = rendering([30, 30, 30, 30, 30]);

    const bodies = fit({ count: 5, maxBytes: 70, render });

    assert.deepEqual(
      bodies.map((body) => [body.split(":")[0], body.length]),
      [
        ["1/3", 64],
        ["2/3", 64],
        ["3/3", 34],
      ],
    );
  });

  test("an alert that does not fit alone is shortened no further than it must", () => {
    const { render } = rendering([500, 10]);

    const bodies = fit({ count: 2, maxBytes: 104, render });

    assert.deepEqual(
      bodies.map((body) => body.length),
      [104, 14],
    );
  });

  test("how far it is shortened is found in few renderings, also where a body does not grow evenly", () => {
    const even = rendering([90_000]);
    const uneven = rendering([90_000]);
    const inSteps = (run: Run) =>
      uneven.render({ ...run, level: run.level && { ...run.level, capBytes: stepOf(run.level) } });

    const bodies = [even.render, inSteps].flatMap((render) => fit({ count: 1, maxBytes: 4_000, render }));

    assert.deepEqual(
      bodies.map((body) => body.length),
      [4_000, 3_604],
    );
    assert.ok(even.runs.length <= 8, `${even.runs.length} renderings`);
    assert.ok(uneven.runs.length <= 26, `${uneven.runs.length} renderings`);
  });

  test("labels are left out only when the shortest texts do not fit", () => {
    const { render, runs } = rendering([500], 1000);

    const [body] = fit({ count: 1, maxBytes: 104, render });

    assert.equal(body?.length, 104);
    assert.deepEqual(runs.at(-1)?.level, { capBytes: 32, entries: 34 });
  });

  test("a body that does not get shorter does not fit", () => {
    const render = () => "x".repeat(200);

    assert.throws(() => fit({ count: 3, maxBytes: 100, render }), DoesNotFit);
  });

  test("a body that was not finished counts as one that does not fit", () => {
    const { render } = rendering(Array(500).fill(30));
    const unfinished = (run: Run) => (run.to - run.from > 20 ? null : render(run));

    const bodies = fit({ count: 500, maxBytes: 100, render: unfinished });

    assert.deepEqual(bodies, fit({ count: 500, maxBytes: 100, render }));
  });

  test("the number of renderings per part grows with the logarithm of its alerts", () => {
    const sizes = Array.from({ length: 2000 }, (_, index) => 20 + ((index * 7919) % 41));
    const { render, runs } = rendering(sizes);

    const bodies = fit({ count: 2000, maxBytes: 4000, render });

    assert.ok(runs.length <= bodies.length * 10, `${runs.length} renderings of ${bodies.length} parts`);
  });
});
