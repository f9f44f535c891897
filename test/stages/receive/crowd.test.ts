// Many bodies at once: how many bytes they may hold together, and that slow senders do not delay others. Real sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type BodyPool, createBodyPool } from "../../../src/receive/body-pool.ts";
import type { Listening } from "../../../src/receive/listen.ts";
import { eventually } from "../../support/stack.ts";
import { receiving } from "./receiving.ts";

const packers = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

setFlagsFromString("--expose-gc");
const collectGarbage: NodeJS.GCFunction = runInNewContext("gc");

/** Of this process, without garbage. */
function memoryOf(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
}

/** Bodies over 64 kB share 150 kB here; those up to 64 kB have 150 kB of their own. */
const shares = { largeBytes: 150_000, smallBytes: 150_000, parsedBytes: 150_000 };
const crowded = (now = () => 0) => ({ maxBodyBytes: 1_000_000, bodies: createBodyPool(shares, { now }) });

test("bodies of one sender that together exceed the pool are answered with 503, and small ones pass", async (t) => {
  const { ask, listening } = await receiving(t, crowded());
  const held = await Promise.all([1, 2].map(() => begun(listening, { announced: 200_000, sent: 100_000 })));

  const big = await ask("/webhook", { body: "x".repeat(100_000) });
  const small = await ask("/webhook", { body: "x".repeat(60_000) });
  for (const socket of held) socket.destroy();
  await eventually(
    "the bytes are free again",
    async () => (await ask("/webhook", { body: "x".repeat(100_000) })).status === 200,
  );

  assert.deepEqual([big.status, JSON.parse(big.text).error, small.status], [503, "unavailable", 200]);
});

test("a hook has one share under each of its addresses, and so have all names that are no bot's", async (t) => {
  const pool = createBodyPool(shares);
  const seen: string[] = [];
  const bodies: BodyPool = {
    open(sender, onCut) {
      seen.push(sender.hook);
      return pool.open(sender, onCut);
    },
  };
  const { ask } = await receiving(t, { bodies });
  const hooks = [
    ["/webhook", "/WebHook/", "//webhook?a=b"],
    ["/webhook/bot/ops", "/webhook/bot/%6fps/"],
    ["/webhook/bot/one", "/webhook/bot/two"],
  ];

  for (const path of hooks.flat()) await ask(path, { body: "{}" });

  const [route, ops, none] = [seen[0], seen[3], seen[5]];
  assert.deepEqual(seen, [route, route, route, ops, ops, none, none]);
  assert.equal(new Set([route, ops, none]).size, 3);
});

test("the largest body passes, however small the pool", async (t) => {
  const { ask } = await receiving(t, crowded());

  assert.equal((await ask("/webhook", { body: "x".repeat(1_000_000) })).status, 200);
});

test("who sends faster than the bodies that fill the pool is answered with 200, and one of those with 503", async (t) => {
  const clock = { now: 0 };
  const { ask, listening, metrics } = await receiving(
    t,
    crowded(() => clock.now),
  );
  const held = await Promise.all([1, 2].map(() => begun(listening, { announced: 200_000, sent: 100_000 })));
  const answers = held.map(answerOf);
  clock.now = 3_000;

  const { status } = await ask("/webhook", { body: "x".repeat(120_000) });
  const cut = await Promise.race(answers);
  for (const socket of held) socket.destroy();

  assert.equal(status, 200);
  assert.match(cut, /^HTTP\/1\.1 503 .*connection: close.*made way for others/is);
  assert.match(await metrics.text(), /bodies_cut_total\{reason="displaced"\} 1/);
});

for (const encoding of ["gzip", "deflate", "br"] as const) {
  test(`a body in ${encoding} that does not end holds what was sent of it`, async (t) => {
    const { ask, listening } = await receiving(t, crowded());
    const unfinished = packers[encoding]("x".repeat(900_000)).subarray(0, -8);
    const head = `Content-Encoding: ${encoding}\r\n`;
    const held = await Promise.all(
      Array.from({ length: 20 }, () => begun(listening, { announced: 100_000, sent: unfinished, head })),
    );

    const { status } = await ask("/webhook", { body: "x".repeat(140_000) });
    for (const socket of held) socket.destroy();

    assert.equal(status, 200);
  });
}

test("decompressed bytes are counted as they come, and a body that has no room is answered with 503", async (t) => {
  const { ask, listening } = await receiving(t, crowded());
  const held = await Promise.all([1, 2].map(() => begun(listening, { announced: 200_000, sent: 100_000 })));

  const answered = await ask("/webhook", {
    headers: { "content-encoding": "gzip" },
    body: gzipSync("x".repeat(90_000)),
  });
  for (const socket of held) socket.destroy();

  assert.equal(answered.status, 503);
});

test("a body of small chunks takes its length in memory", async (t) => {
  const { ask, listening } = await receiving(t, { maxBodyBytes: 10_000_000 });
  const chunks = 100_000;
  const sent = Buffer.from(`28\r\n${"x".repeat(40)}\r\n`.repeat(chunks));
  await ask("/webhook", { body: "warm" });
  const before = memoryOf();

  const requested = once(listening.server, "request");
  const socket = await begun(listening, { announced: null, sent, head: "Transfer-Encoding: chunked\r\n" });
  const [request] = (await requested) as [IncomingMessage];
  await eventually("it is read", () => request.socket.bytesRead > sent.length);
  const grown = memoryOf() - before;
  socket.destroy();

  // Kept as chunks they take 19 MB.
  assert.ok(grown < 12 * 2 ** 20, `${grown} bytes for ${chunks} chunks of 40 bytes`);
});

test("the bytes of a body are free again after any response", async (t) => {
  const { ask } = await receiving(t, { maxBodyBytes: 100_000, bodies: createBodyPool(shares) });

  for (const [headers, body] of [
    [{}, "x".repeat(100_000)],
    [{}, "x".repeat(100_001)],
    [{ "transfer-encoding": "chunked" }, "x".repeat(100_001)],
    [{ "content-encoding": "gzip" }, gzipSync("x".repeat(500_000))],
    [{ "content-encoding": "gzip" }, "x".repeat(90_000)],
  ] as const) {
    for (let repeat = 0; repeat < 3; repeat++) await ask("/webhook", { headers, body });
  }
  const after = await ask("/webhook", { body: "x".repeat(100_000) });

  assert.equal(after.status, 200);
});

test("300 senders with slow bodies are answered with 408, and other webhooks are not delayed", async (t) => {
  const slowSenders = 300;
  const { ask, listening, metrics } = await receiving(t, { bodyTimeoutMs: 2_000 });
  const pace = async () => {
    const times: number[] = [];
    for (let sent = 0; sent < 150; sent++) {
      const startedAt = performance.now();
      const { status } = await ask("/webhook", { body: "{}" });
      assert.equal(status, 200);
      times.push(performance.now() - startedAt);
    }
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
  await pace();
  const alone = await pace();

  const slow = await Promise.all(
    Array.from({ length: slowSenders }, () => begun(listening, { announced: 900, sent: 1 })),
  );
  const dribble = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write("x");
  }, 50);
  t.after(() => clearInterval(dribble));
  const answers = slow.map(answerOf);
  const amongSlow = await pace();
  const cut = await Promise.all(answers);

  t.diagnostic(
    `alone p50 ${alone.p50.toFixed(1)} ms, p99 ${alone.p99.toFixed(1)} ms; among ${slowSenders} slow senders ` +
      `p50 ${amongSlow.p50.toFixed(1)} ms, p99 ${amongSlow.p99.toFixed(1)} ms`,
  );
  assert.ok(cut.every((answer) => answer.startsWith("HTTP/1.1 408 ")));
  assert.match(await metrics.text(), new RegExp(`code="408"\\} ${slowSenders}\\n`));
  // A shared machine makes single responses late; a service that waits for slow senders makes all of them late.
  assert.ok(amongSlow.p50 < 10 * alone.p50 + 20, `p50 ${amongSlow.p50} ms against ${alone.p50} ms`);
});

test("a sender does not get 408 because this process was busy", async (t) => {
  const { listening } = await receiving(t, { bodyTimeoutMs: 100 });
  const socket = connect(listening.port, "127.0.0.1");
  socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{");
  await bodyBegun(listening, socket);
  const answer = answerOf(socket);

  // After the input of a turn, due timers run next: the time-out comes before the body.
  setImmediate(() => {
    socket.write("}");
    for (const until = performance.now() + 300; performance.now() < until; );
  });

  assert.match(await answer, /^HTTP\/1\.1 200 /);
});

test("a head must arrive within 10 s, and a whole request within a minute", async (t) => {
  const { listening } = await receiving(t);

  const { headersTimeout, requestTimeout } = listening.server;

  assert.deepEqual([headersTimeout, requestTimeout], [10_000, 60_000]);
});

/** Everything received until the connection ended, even by a reset. */
function answerOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

interface Begun {
  /** Null: the head says how the body is sent. */
  readonly announced: number | null;
  readonly sent: number | Buffer;
  readonly head?: string;
}

/** A request whose body starts and does not continue; resolves when the server has read the start of it. */
async function begun(listening: Listening, { announced, sent, head = "" }: Begun): Promise<Socket> {
  const socket = connect(listening.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const length = announced === null ? "" : `Content-Length: ${announced}\r\n`;
  socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\n${length}${head}\r\n`);
  socket.write(typeof sent === "number" ? "x".repeat(sent) : sent);
  await bodyBegun(listening, socket);
  return socket;
}

/** Resolves when the server has read the start of the body that `socket` sends. */
async function bodyBegun({ server }: Listening, socket: Socket): Promise<void> {
  const request = await new Promise<IncomingMessage>((resolve) => {
    const look = (one: IncomingMessage) => {
      if (one.socket.remotePort !== socket.localPort) return;
      server.off("request", look);
      resolve(one);
    };
    server.setMaxListeners(0).on("request", look);
  });
  await eventually("the body is read", () => request.readableDidRead);
}
