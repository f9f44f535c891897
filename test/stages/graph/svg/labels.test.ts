import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { leastHiding, placedInLine } from "../../../../src/graph/svg/labels.ts";

describe("labels", () => {
  it("stand over their marks where there is room", () => {
    const labels = [
      { at: 200, width: 100 },
      { at: 500, width: 100 },
    ];

    assert.deepEqual(placedInLine(labels, { from: 0, to: 900 }), [150, 450]);
  });

  it("on a line keep their order and distance inside it, wherever their marks are", () => {
    const at = fc.double({ min: 0, max: 900, noNaN: true });
    const width = fc.double({ min: 10, max: 200, noNaN: true });

    fc.assert(
      fc.property(fc.array(at, { maxLength: 3 }), width, (marks, width) => {
        const labels = marks.toSorted((a, b) => a - b).map((one) => ({ at: one, width }));

        const starts = placedInLine(labels, { from: 0, to: 900 });

        for (const [n, start] of starts.entries()) {
          assert.ok(start >= 0 && start + width <= 900 + 1e-6);
          assert.ok(n === 0 || start >= (starts[n - 1] ?? 0) + width + 17);
        }
      }),
    );
  });

  it("go where they hide no other label and the fewest points", () => {
    const [first, second, third] = [0, 100, 200].map((x) => ({ x, y: 0, width: 50, height: 20 }));
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const points = [
      [10, 10],
      [110, 10],
      [120, 10],
    ] as const;

    assert.equal(leastHiding([first, second, third], [], points), third);
    assert.equal(leastHiding([first, second, third], [third], points), first);
    assert.equal(leastHiding([first, second], [first], points), second);
    assert.equal(leastHiding([], [], points), null);
  });
});
