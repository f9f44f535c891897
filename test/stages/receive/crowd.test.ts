// Many bodies at once: how many bytes they may hold together, and that slow senders do not delay others. Real sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Listening } from "../../../src/receive/listen.ts";
import { createBodyPool } from "../../../src/receive/read-body.ts";
import { eventually } from "../../support/stack.ts";
import { receiving } from "./receiving.ts";

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
}

test("a pool gives at most its size, and all of it after a release", () => {
  const step = fc.record({ request: fc.nat(4), bytes: fc.nat(60), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budgetOf = createBodyPool(100);
      const budgets = Array.from({ length: 5 }, budgetOf);
      const held = [0, 0, 0, 0, 0];
      const sum = () => held.reduce((total, bytes) => total + bytes, 0);
      for (const { request, bytes, release } of steps) {
        if (release) {
          budgets[request]?.release();
          held[request] = 0;
        } else {
          // The only body of a pool may hold more than the pool.
          const fits = sum() + bytes <= 100 || sum() === held[request];
          assert.equal(budgets[request]?.take(bytes), fits);
          if (fits) held[request] = (held[request] ?? 0) + bytes;
        }
      }
      for (const budget of budgets) budget.release();
      assert.ok(budgetOf().take(100));
    }),
  );
});

test("bodies that together exceed the pool are answered with 503, and small ones pass while there is room", async (t) => {
  const { ask, listening } = await receiving(t, { maxBodyBytes: 1_000, maxHeldBytes: 2_000 });
  const held = await Promise.all([1, 2].map(() => begun(listening, { announced: 1_000, sent: 900 })));

  const big = await ask("/webhook", { body: "x".repeat(500) });
  const small = await ask("/webhook", { body: "x".repeat(100) });
  for (const socket of held) socket.destroy();
  await eventually(
    "the bytes are free again",
    async () => (await ask("/webhook", { body: "x".repeat(500) })).status === 200,
  );

  assert.deepEqual([big.status, JSON.parse(big.text).error, small.status], [503, "unavailable", 200]);
});

test("the only body passes, however small the pool", async (t) => {
  const { ask } = await receiving(t, { maxBodyBytes: 1_000, maxHeldBytes: 10 });

  assert.equal((await ask("/webhook", { body: "x".repeat(1_000) })).status, 200);
});

test("the decompressed size counts, not the sent size", async (t) => {
  const { ask, listening } = await receiving(t, { maxBodyBytes: 1_000, maxHeldBytes: 1_500 });
  const holder = await begun(listening, { announced: 1_000, sent: 900 });
  t.after(() => holder.destroy());

  const packed = gzipSync("x".repeat(900));
  const answered = await ask("/webhook", { headers: { "content-encoding": "gzip" }, body: packed });

  assert.ok(packed.length < 100);
  assert.equal(answered.status, 503);
});

test("the bytes of a body are free again after any response", async (t) => {
  const { ask } = await receiving(t, { maxBodyBytes: 1_000, maxHeldBytes: 1_000 });

  for (const [headers, body] of [
    [{}, "x".repeat(1_000)],
    [{}, "x".repeat(1_001)],
    [{ "transfer-encoding": "chunked" }, "x".repeat(1_001)],
    [{ "content-encoding": "gzip" }, gzipSync("x".repeat(5_000))],
    [{ "content-encoding": "gzip" }, "x".repeat(900)],
  ] as const) {
    await ask("/webhook", { headers, body });
  }
  const after = await ask("/webhook", { body: "x".repeat(1_000) });

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
  readonly announced: number;
  readonly sent: number;
}

/** A request whose body starts and does not continue; resolves when the server holds the sent bytes. */
async function begun(listening: Listening, { announced, sent }: Begun): Promise<Socket> {
  const socket = connect(listening.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const head = `POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: ${announced}\r\n\r\n`;
  socket.write(`${head}${"x".repeat(sent)}`);
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
