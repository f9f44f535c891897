import assert from "node:assert/strict";
import { test } from "node:test";
import { memorySharesOf } from "../../../src/domain/memory-shares.ts";

const megabyte = 2 ** 20;

for (const [memory, delivery, bodies, smallBodies, keptBodies, threadHeapMegabytes, threadIdleMs, connections] of [
  [128, 1, 1, 4, 1, 48, 1_024, 1_024],
  [1_024, 8, 8, 32, 8, 384, 8_192, 8_192],
  [4 * 1_024, 32, 32, 64, 16, 1_024, 15_000, 10_000],
  [256 * 1_024, 32, 64, 64, 16, 1_024, 15_000, 10_000],
] as const) {
  test(`the shares of ${memory} MB`, () => {
    assert.deepEqual(memorySharesOf(memory * megabyte), {
      deliveryMaxBytes: delivery * megabyte,
      bodies: {
        largeBytes: bodies * megabyte,
        smallBytes: smallBodies * megabyte,
        parsedBytes: bodies * megabyte,
      },
      keptBodiesBytes: keptBodies * megabyte,
      threadHeapMegabytes,
      threadIdleMs,
      connections,
    });
  });
}
