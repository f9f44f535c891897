// The receiver over real HTTP: every status, and what it must never do.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import express from "express";
import type { Accepted } from "../../../src/receive/accept.ts";
import { listen } from "../../../src/receive/listen.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/stack.ts";
import { receiving } from "./receiving.ts";

const big = "x".repeat(1001);

for (const method of ["POST", "PUT"]) {
  for (const [path, hook] of [
    ["/webhook", { kind: "route" }],
    ["/webhook/", { kind: "route" }],
    ["//webhook//", { kind: "route" }],
    ["/webhook?team=a//b", { kind: "route" }],
    ["/webhook/bot/ops", { kind: "bot", bot: "ops" }],
    ["/webhook/bot/ops/", { kind: "bot", bot: "ops" }],
    ["//webhook///bot//ops", { kind: "bot", bot: "ops" }],
    ["/webhook/bot/%E5%80%BC%E7%8F%AD", { kind: "bot", bot: "值班" }],
  ] as const) {
    test(`${method} ${path} is accepted`, async (t) => {
      const { ask, taken } = await receiving(t);

      const { status, text, headers } = await ask(path, { method, body: "{}" });

      assert.equal(status, 200);
      assert.equal(text, '{"status":"accepted","notifications":1,"duplicates":0}');
      assert.match(headers["content-type"] ?? "", /^application\/json/);
      assert.deepEqual(taken, [{ bytes: Buffer.from("{}"), hook }]);
    });
  }
}

const charsets: readonly (readonly [string, string | null])[] = [
  ["application/json", null],
  ["application/json; charset=GBK", "GBK"],
  ['application/json;CHARSET = "gb18030" ; x=y', "gb18030"],
  ["application/json; boundary=charset", null],
  ["application/json; charset=", null],
  ["", null],
];
for (const [type, charset] of charsets) {
  test(`the charset of Content-Type ${JSON.stringify(type)} is ${charset}`, async (t) => {
    const declared: (string | null)[] = [];
    const { ask } = await receiving(t, {
      accept: async (body): Promise<Accepted> => {
        declared.push(body.charset);
        return { kind: "accepted", notifications: 1, duplicates: 0, source: "grafana" };
      },
    });

    await ask("/webhook", { body: "{}", headers: { "content-type": type } });

    assert.deepEqual(declared, [charset]);
  });
}

const outcomes: readonly (readonly [Exclude<Accepted, { kind: "replayed" }>, number, string])[] = [
  [
    { kind: "accepted", notifications: 0, duplicates: 2, source: "grafana" },
    200,
    '{"status":"accepted","notifications":0,"duplicates":2}',
  ],
  [
    { kind: "rejected", status: 400, code: "not_json", message: "send JSON", source: "unknown" },
    400,
    '{"error":"not_json","message":"send JSON"}',
  ],
  [
    { kind: "rejected", status: 404, code: "unknown_bot", message: "no such bot", source: "unknown" },
    404,
    '{"error":"unknown_bot","message":"no such bot"}',
  ],
  [{ kind: "unavailable", message: "full", source: "alertmanager" }, 503, '{"error":"unavailable","message":"full"}'],
];
for (const [accepted, status, text] of outcomes) {
  test(`the result ${accepted.kind} is answered with ${status} and counted for its source`, async (t) => {
    const { ask, metrics } = await receiving(t, { accept: async () => accepted });

    const answered = await ask("/webhook", { body: "{}" });

    assert.deepEqual([answered.status, answered.text], [status, text]);
    const series = `alertmanager_wecom_webhook_requests_total{source="${accepted.source}",code="${status}"} 1`;
    assert.ok((await metrics.text()).includes(series));
  });
}

for (const path of ["/webhook", "/webhook/bot/ops"]) {
  for (const method of ["GET", "HEAD", "DELETE", "PATCH", "OPTIONS"]) {
    test(`${method} ${path} is 405, so that a redirected POST is noticed`, async (t) => {
      const { ask, taken } = await receiving(t);

      const { status, headers, text } = await ask(path, { method });

      assert.equal(status, 405);
      assert.equal(headers.allow, "POST, PUT");
      if (method === "GET") assert.match(text, /redirected/);
      assert.deepEqual(taken, []);
    });
  }
}

const bodies: readonly (readonly [string, Record<string, string>, Buffer, number, string])[] = [
  ["gzip", { "content-encoding": "gzip" }, gzipSync("{}"), 200, "{}"],
  ["deflate", { "content-encoding": "deflate" }, deflateSync("{}"), 200, "{}"],
  ["brotli", { "content-encoding": "br" }, brotliCompressSync("{}"), 200, "{}"],
  ["no content type", {}, Buffer.from("{}"), 200, "{}"],
  ["a wrong content type", { "content-type": "text/plain; charset=gbk" }, Buffer.from("{}"), 200, "{}"],
  ["a form's content type", { "content-type": "application/x-www-form-urlencoded" }, Buffer.from("{}"), 200, "{}"],
  ["a byte order mark", {}, Buffer.from("\ufeff{}"), 200, "\ufeff{}"],
  ["nothing", {}, Buffer.alloc(0), 200, ""],
  ["exactly the limit", {}, Buffer.from(big.slice(1)), 200, big.slice(1)],
  ["one byte more than the limit", {}, Buffer.from(big), 413, "body_too_large"],
  ["chunks over the limit", { "transfer-encoding": "chunked" }, Buffer.from(big), 413, "body_too_large"],
  ["a gzip bomb", { "content-encoding": "gzip" }, gzipSync(Buffer.alloc(500_000)), 413, "body_too_large"],
  ["an unknown encoding", { "content-encoding": "rot13" }, Buffer.from("{}"), 415, "unknown_encoding"],
  ["invalid gzip", { "content-encoding": "gzip" }, Buffer.from("{}"), 400, "broken_encoding"],
  ["truncated gzip", { "content-encoding": "gzip" }, gzipSync("{}").subarray(0, 12), 400, "broken_encoding"],
  ["invalid brotli", { "content-encoding": "br" }, Buffer.from("{{{{"), 400, "broken_encoding"],
];
for (const [what, headers, body, status, expected] of bodies) {
  test(`a body of ${what} is answered with ${status}`, async (t) => {
    const { ask, taken } = await receiving(t);

    const answered = await ask("/webhook", { headers, body });

    assert.equal(answered.status, status, answered.text);
    if (status === 200) assert.equal(taken[0]?.bytes.toString(), expected);
    else assert.equal(JSON.parse(answered.text).error, expected);
    assert.equal(taken.length, status === 200 ? 1 : 0);
  });
}

test("a body that does not arrive in time is answered with 408 and not accepted", async (t) => {
  const { listening, taken, metrics } = await receiving(t, { bodyTimeoutMs: 30 });
  const socket = connect(listening.port, "127.0.0.1");

  socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
  const answer = Buffer.concat(await socket.toArray()).toString();

  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(answer, /connection: close/i);
  assert.match(answer, /"error":"body_too_slow"/);
  assert.deepEqual(taken, []);
  assert.match(await metrics.text(), /webhook_requests_total\{source="unknown",code="408"\} 1/);
});

test("a body whose connection is closed early is counted as 400 and not accepted", async (t) => {
  const { listening, taken, metrics } = await receiving(t);
  const socket = connect(listening.port, "127.0.0.1");
  socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
  const [, response] = await once(listening.server, "request");

  socket.destroy();
  await once(response, "close");

  assert.deepEqual(taken, []);
  assert.match(await metrics.text(), /webhook_requests_total\{source="unknown",code="400"\} 1/);
});

test("a service that is about to stop is not ready, accepts webhooks, and closes the connection", async (t) => {
  const { ask, taken } = await receiving(t, { status: () => ({ ready: false, reason: "stopping", accepts: true }) });

  const hook = await ask("/webhook", { body: "{}" });
  const ready = await ask("/-/ready", { method: "GET" });

  assert.equal(hook.status, 200);
  assert.equal(hook.headers.connection, "close");
  assert.equal(ready.status, 503);
  assert.equal(taken.length, 1);
});

for (const reason of ["starting", "stopping"]) {
  test(`while ${reason}, webhooks and readiness are 503, and the connection is closed`, async (t) => {
    const { ask, taken } = await receiving(t, { status: () => ({ ready: false, reason, accepts: false }) });

    const hook = await ask("/webhook", { body: "{}" });
    const ready = await ask("/-/ready", { method: "GET" });
    const healthy = await ask("/-/healthy", { method: "GET" });

    assert.equal(hook.status, 503);
    assert.match(hook.text, new RegExp(reason));
    assert.equal(hook.headers.connection, "close");
    assert.deepEqual([ready.status, ready.text], [503, `${reason}\n`]);
    assert.equal(healthy.status, 200);
    assert.deepEqual(taken, []);
  });
}

for (const [path, method, status] of [
  ["/-/healthy", "GET", 200],
  ["/-/healthy", "HEAD", 200],
  ["/-/ready", "GET", 200],
  ["/-/ready", "HEAD", 200],
  ["/-/ready/", "GET", 200],
  ["/metrics", "GET", 200],
  ["/metrics", "HEAD", 200],
  ["/metrics", "POST", 405],
  ["/-/healthy", "DELETE", 405],
  ["/-/reload", "GET", 405],
  ["/-/reload", "POST", 200],
  ["/-/reload", "PUT", 200],
  ["/nothing", "GET", 404],
  ["/webhooks", "POST", 404],
  ["/webhook/bot", "POST", 404],
  ["/webhook/bot/ops/more", "POST", 404],
  ["/webhook/bot/%zz", "POST", 400],
] as const) {
  test(`${method} ${path} is ${status}`, async (t) => {
    const { ask } = await receiving(t);

    const answered = await ask(path, { method });

    assert.equal(answered.status, status, answered.text);
    if (method === "HEAD") assert.equal(answered.text, "");
    assert.equal(answered.headers.location, undefined);
  });
}

test("a service that stops does not reload", async (t) => {
  let reloads = 0;
  const reload = async () => {
    reloads += 1;
    return { issues: 0 };
  };
  const { ask } = await receiving(t, { status: () => ({ ready: false, reason: "stopping", accepts: true }), reload });

  const { status, text } = await ask("/-/reload");

  assert.deepEqual([status, JSON.parse(text).error, reloads], [503, "not_ready", 0]);
});

test("an unknown path names the hooks", async (t) => {
  const { ask } = await receiving(t);

  const { text } = await ask("/alert?key=693a91f6", { body: "{}" });

  assert.match(text, /\/webhook \/webhook\/bot\/ops \/webhook\/bot\/%E5%80%BC%E7%8F%AD/);
  assert.ok(!text.includes("693a91f6"));
});

test("metrics are in Prometheus's text format", async (t) => {
  const { ask } = await receiving(t);

  const { headers, text } = await ask("/metrics", { method: "GET" });

  assert.match(headers["content-type"] ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^alertmanager_wecom_build_info\{version="1\.2\.3"/m);
});

test("error responses have at most 512 bytes, whatever the message", async (t) => {
  const accept = async (): Promise<Accepted> => ({
    kind: "rejected",
    status: 400,
    code: "unknown_shape",
    message: "报警".repeat(400),
    source: "unknown",
  });
  const { ask } = await receiving(t, { accept });

  const { text } = await ask("/webhook", { body: "{}" });

  assert.ok(Buffer.byteLength(text) <= 512);
  assert.ok(Buffer.byteLength(text) > 400, "and hold as much as fits");
  assert.equal(JSON.parse(text).error, "unknown_shape");
});

test("no response repeats the body, and no header names the software", async (t) => {
  const accept = async () => Promise.reject(new Error("a bug with needle in it"));
  const { ask } = await receiving(t, { accept });

  for (const headers of [{}, { "content-encoding": "gzip" }, { "content-encoding": "needle" }]) {
    const answered = await ask("/webhook", { headers, body: "needle" });

    assert.ok(!answered.text.includes("needle"), answered.text);
    assert.equal(answered.headers["x-powered-by"], undefined);
    assert.equal(answered.headers.etag, undefined);
  }
});

test("an unexpected error is 500, logged with its stack and counted", async (t) => {
  const accept = async () => Promise.reject(new TypeError("x is not a function"));
  const { ask, lines, metrics } = await receiving(t, { accept });

  const { status, text } = await ask("/webhook", { body: "{}" });

  assert.equal(status, 500);
  assert.equal(JSON.parse(text).error, "unexpected");
  assert.match(lines.join(""), /level=error .*TypeError: x is not a function\\n +at /);
  assert.match(await metrics.text(), /unexpected_errors_total\{place="receive"\} 1/);
});

test("rejections with one status are logged once a minute, with the number that were not logged", async (t) => {
  const clock = new ManualClock(0);
  const { ask, lines } = await receiving(t, { clock });

  for (let sent = 0; sent < 3; sent++) await ask("/webhook", { method: "GET" });
  await clock.advance(60_000);
  await ask("/webhook", { method: "GET" });

  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /level=warn .*status=405 .*silent=0/);
  assert.match(lines[1] ?? "", /silent=2/);
});

test("idle connections are kept for longer than Alertmanager reuses them, five minutes", async (t) => {
  const { ask, listening } = await receiving(t);

  const { headers } = await ask("/webhook", { headers: { connection: "keep-alive" }, body: "{}" });

  assert.equal(headers["keep-alive"], "timeout=360");
  assert.equal(listening.server.keepAliveTimeout, 360_000);
});

test("closing waits for a response in progress and not for an idle connection", async (t) => {
  const begun = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  const { listening, ask } = await receiving(t, {
    accept: async () => {
      begun.resolve();
      await stored.promise;
      return { kind: "accepted", notifications: 1, duplicates: 0, source: "alertmanager" };
    },
  });
  const answer = ask("/webhook", { headers: { connection: "keep-alive" }, body: "{}" });
  await begun.promise;

  const closing = listening.close(60_000);
  stored.resolve();
  await closing;

  assert.equal((await answer).status, 200);
  await assert.rejects(ask("/-/healthy", { method: "GET" }), { code: "ECONNREFUSED" });
});

test("closing ends connections that are still open after the grace period", async (t) => {
  const { listening } = await receiving(t);
  const socket = connect(listening.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
  await once(listening.server, "request");

  await listening.close(20);

  assert.equal(listening.server.listening, false);
});

test("listening on an address in use rejects", async (t) => {
  const { listening } = await receiving(t);
  const connections = { max: 10, onClosed: () => undefined };

  await assert.rejects(listen(express(), { host: "127.0.0.1", port: listening.port, tls: null, connections }), {
    code: "EADDRINUSE",
  });
});

test("connections that do not read /metrics share a text", async (t) => {
  const { listening, metrics } = await receiving(t);
  const made = t.mock.method(metrics, "text", async () => "x".repeat(20_000_000));
  const before = process.memoryUsage().arrayBuffers;

  const sockets = Array.from({ length: 10 }, () => connect(listening.port, "127.0.0.1"));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets) socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  await eventually("all are answered", () => sockets.every(({ readableLength }) => readableLength > 0));
  const held = process.memoryUsage().arrayBuffers - before;

  assert.ok(made.mock.callCount() <= 3, `${made.mock.callCount()} texts were made`);
  assert.ok(held < 5 * 20_000_000, `${held} bytes are held`);
});

test("many requests for /metrics share a text, a few get their own", async (t) => {
  const { metrics, ask } = await receiving(t);
  const made = t.mock.method(metrics, "text");
  const scrape = async () => (await ask("/metrics", { method: "GET" })).status;

  for (let n = 0; n < 10; n++) assert.equal(await scrape(), 200);
  const first = made.mock.callCount();
  const startedAt = performance.now();
  for (let n = 0; n < 200; n++) assert.equal(await scrape(), 200);
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000);

  assert.equal(first, 10);
  const most = 21 * (seconds + 1);
  assert.ok(made.mock.callCount() <= most, `${made.mock.callCount()} texts were made in ${seconds} s`);
});

test("a connection that does not read its response is closed, one between two requests is not", async (t) => {
  const { listening, metrics } = await receiving(t, { stalledMs: 300 });
  t.mock.method(metrics, "text", async () => "x".repeat(20_000_000));
  const get = async (path: string) => {
    const accepted = once(listening.server, "connection");
    const socket = connect(listening.port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [serverSide] = (await accepted) as [Socket];
    await once(socket, "readable");
    return serverSide;
  };

  const idle = await get("/-/healthy");
  const unread = await get("/metrics");
  await eventually("it is closed", () => unread.closed, 10_000);

  assert.equal(idle.closed, false);
});
