import assert from "node:assert/strict";
import { test } from "node:test";
import { memorySharesOf } from "../../../src/domain/memory-shares.ts";

const [megabyte, gibibyte] = [2 ** 20, 2 ** 30];

for (const [memory, deliveryMaxBytes, bodiesBytes, keptBodiesBytes, threadHeapMegabytes] of [
  [128 * megabyte, megabyte, megabyte, megabyte, 64],
  [gibibyte, 8 * megabyte, 8 * megabyte, 8 * megabyte, 512],
  [4 * gibibyte, 32 * megabyte, 32 * megabyte, 16 * megabyte, 1_024],
  [256 * gibibyte, 32 * megabyte, 64 * megabyte, 16 * megabyte, 1_024],
] as const) {
  test(`the shares of ${memory / megabyte} MB`, () => {
    const shares = { deliveryMaxBytes, bodiesBytes, keptBodiesBytes, threadHeapMegabytes };
    assert.deepEqual(memorySharesOf(memory), shares);
  });
}
