// Hostile bodies sent to the whole service: each gets its status, and the next webhook is accepted.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type Stack, startStack } from "../../support/stack.ts";

const alertWith = (labels: string) => `{"alerts":[{"status":"firing","labels":{${labels}}}]}`;
const keys = (count: number) => Array.from({ length: count }, (_, index) => `"${index.toString(36)}":1`).join(",");
const megabyte = 1024 * 1024;
const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

type Row = readonly [what: string, body: string | Buffer, status: number, encoding?: string];

const rows: readonly Row[] = [
  ["a list nested 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000), 400],
  ["an object nested 100,000 deep in a label", alertWith(`"a":${'{"b":'.repeat(100_000)}1${"}".repeat(100_000)}`), 200],
  ["a label __proto__", alertWith('"__proto__":"x","alertname":"a"'), 200],
  ["a label __proto__ that is an object", alertWith('"__proto__":{"polluted":"yes"},"alertname":"b"'), 200],
  [
    "labels constructor, toString and hasOwnProperty",
    alertWith('"constructor":"x","toString":"y","hasOwnProperty":"z"'),
    200,
  ],
  ["__proto__ at the top", `{"__proto__":{"alerts":[]},"alerts":[{"labels":{"alertname":"c"}}]}`, 200],
  ["a million labels", alertWith(keys(1_000_000)), 400],
  ["a thousand labels", alertWith(keys(1_000)), 200],
  ["three million alerts", `{"alerts":[${"{},".repeat(3_000_000)}{}]}`, 400],
  ["a label of 9 MB", alertWith(`"alertname":"${"x".repeat(9 * megabyte)}"`), 200],
  ["a body of 11 MB", alertWith(`"alertname":"${"x".repeat(11 * megabyte)}"`), 413],
  ["keys given twice", alertWith('"alertname":"d","alertname":"e","alertname":["f"]'), 200],
  ["halves of surrogate pairs", alertWith('"alertname":"\\ud800","b":"\\udc00\\ud800"'), 200],
  ["NUL and other control characters", alertWith('"alertname":"a\\u0000b\\u001b[31m\\u0085"'), 200],
  ["a raw NUL", alertWith('"alertname":"a\0b"'), 400],
  ["bytes that are not UTF-8", Buffer.from([0xff, 0xfe, 0x00, 0x80]), 400],
  ["a gzip bomb of 1 GB", bomb(), 413, "gzip"],
  ["a brotli bomb", brotliCompressSync(Buffer.alloc(64 * megabyte), quick), 413, "br"],
  ["gzip in gzip", gzipSync(gzipSync("{}")), 400, "gzip"],
  ["gzip that ends early", gzipSync(alertWith('"alertname":"g"')).subarray(0, 20), 400, "gzip"],
];

/** 64 members of 16 MB: gzip decompresses them one after the other. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(16 * megabyte));
  return Buffer.concat(Array.from({ length: 64 }, () => member));
}

describe("a hostile body", () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack.stop());

  const status = async (body: string | Buffer, encoding?: string) => {
    const headers = encoding === undefined ? {} : { "content-encoding": encoding };
    const answer = await fetch(`${stack.origin}/webhook`, { method: "POST", headers, body: Buffer.from(body) });
    await answer.arrayBuffer();
    return answer.status;
  };

  for (const [what, body, expected, encoding] of rows) {
    it(`of ${what} is answered with ${expected}, and the next webhook is accepted`, async () => {
      const answered = await status(body, encoding);
      const next = await status(alertWith(`"alertname":"after","of":"${what}"`));

      assert.deepEqual([answered, next], [expected, 200]);
      assert.equal(Reflect.get({}, "polluted"), undefined);
    });
  }

  for (const [what, request, answer] of [
    [
      "shorter than announced, half-closed",
      'POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"al',
      /^HTTP\/1\.1 400/,
    ],
    [
      "longer than announced",
      "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}garbage",
      /^HTTP\/1\.1 400/,
    ],
    [
      "of two lengths",
      "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
      /^HTTP\/1\.1 400/,
    ],
    [
      "of a length and chunked",
      "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      /^HTTP\/1\.1 400/,
    ],
    [
      "of a chunk size that is not a number",
      "POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      /^HTTP\/1\.1 400/,
    ],
  ] as const) {
    it(`${what} is answered with 400, and the next webhook is accepted`, async () => {
      const socket = connect(Number(new URL(stack.origin).port), "127.0.0.1");
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on("error", () => undefined);
      const closed = new Promise((resolve) => socket.once("close", resolve));

      socket.end(request);
      await closed;

      assert.match(text, answer);
      assert.equal(await status(alertWith(`"alertname":"after","of":"${what}"`)), 200);
    });
  }

  it("never causes an unexpected error", async () => {
    const metrics = await stack.metrics();

    assert.doesNotMatch(metrics, /unexpected_errors_total\{.*\} [1-9]/);
    assert.deepEqual(
      stack.log.filter((line) => line.includes("level=error")),
      [],
    );
  });
});
