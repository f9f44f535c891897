// What reading a body holds besides the body.

import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { readBody } from "../../../src/receive/read-body.ts";

const megabyte = 2 ** 20;

test("a body that has outgrown its buffer returns it at once", async () => {
  const req = Object.assign(new PassThrough(), { headers: {} });
  const pooled = { take: () => true, arrived: () => {}, parsing: async () => {}, release: () => {} };
  const before = process.memoryUsage().arrayBuffers;

  const reading = readBody(req as unknown as IncomingMessage, { maxBytes: 10 * megabyte, pooled });
  const chunk = Buffer.alloc(64 * 1024);
  for (let bytes = 0; bytes < 9 * megabyte; bytes += chunk.length) req.write(chunk);
  req.end();
  const body = await reading;

  const held = process.memoryUsage().arrayBuffers - before;
  assert.ok(body.kind === "bytes" && body.bytes.length === 9 * megabyte);
  assert.ok(held < 17 * megabyte, `${held} bytes are held`);
});
