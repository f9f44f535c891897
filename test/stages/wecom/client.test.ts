// The client with real servers: requests, answers, and for each error whether the request had left.

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { Secret } from "../../../src/config/secret.ts";
import { createRobotClient, type RobotClientOptions } from "../../../src/wecom/client.ts";
import { judgeReply } from "../../../src/wecom/verdict.ts";
import { connectProxy, robot, started, testCA, textOf, tlsRobot } from "./local-robot.ts";

for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"]) {
  delete process.env[name];
}

const key = new Secret("693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa");
const ok = '{"errcode":0,"errmsg":"ok"}';

function clientFor(t: TestContext, baseURL: string, options: Partial<RobotClientOptions> = {}) {
  const client = createRobotClient({
    baseURL,
    timeoutMs: 5_000,
    proxyURL: null,
    proxyFromEnvironment: true,
    ca: null,
    ...options,
  });
  t.after(() => client.close());
  return client;
}

/** Sets variables of the process's environment, and restores them when the test ends. */
function withEnvironment(t: TestContext, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] = value;
    t.after(() => delete process.env[name]);
  }
}

test("a message is one POST of JSON to the robot's address", async (t) => {
  const seen: unknown[] = [];
  const url = await robot(t, async (request, response) => {
    seen.push([request.method, request.url, request.headers["content-type"], await textOf(request)]);
    response.end(ok);
  });

  const reply = await clientFor(t, url).send(key, '{"msgtype":"text","text":{"content":"告警"}}');

  assert.deepEqual(reply, { kind: "answered", status: 200, body: ok });
  assert.deepEqual(seen, [
    [
      "POST",
      `/cgi-bin/webhook/send?key=${key.reveal()}`,
      "application/json; charset=utf-8",
      '{"msgtype":"text","text":{"content":"告警"}}',
    ],
  ]);
});

test("a base URL with a path, as behind a reverse proxy, keeps it", async (t) => {
  let path: string | undefined;
  const url = await robot(t, (request, response) => {
    path = request.url;
    response.end(ok);
  });

  await clientFor(t, `${url}/wecom/`).send(new Secret("a&b=c"), "{}");

  assert.equal(path, "/wecom/cgi-bin/webhook/send?key=a%26b%3Dc");
});

test("consecutive messages reuse connections", async (t) => {
  const ports = new Set<number | undefined>();
  const url = await robot(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end(ok);
  });
  const client = clientFor(t, url);

  for (let sent = 0; sent < 6; sent++) await client.send(key, "{}");

  assert.ok(ports.size <= 2, `${ports.size} connections for 6 messages`);
});

test("a redirect is an answer and is not followed", async (t) => {
  const paths: (string | undefined)[] = [];
  const url = await robot(t, (request, response) => {
    paths.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  });

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind === "answered" && reply.status, 307);
  assert.equal(paths.length, 1);
});

test("only the first 8 kB of an endless answer are read", async (t) => {
  const url = await robot(t, (_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write("<p>".repeat(1000)));
    };
    response.on("drain", write);
    write();
  });

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind === "answered" && Buffer.byteLength(reply.body), 8192);
  assert.deepEqual(judgeReply(reply).verdict, {
    kind: "retry",
    reason: "unreadableAnswer",
    quickTries: 3,
    inDoubt: true,
  });
});

test("an answer in several chunks is joined", async (t) => {
  const url = await robot(t, (_request, response) => {
    response.write('{"errcode":0,');
    setImmediate(() => response.end('"errmsg":"好"}'));
  });

  const reply = await clientFor(t, url).send(key, "{}");

  assert.deepEqual(reply, { kind: "answered", status: 200, body: '{"errcode":0,"errmsg":"好"}' });
});

test("a refused connection fails before the request left", async (t) => {
  const reply = await clientFor(t, "http://127.0.0.1:1").send(key, "{}");

  assert.deepEqual(reply, { kind: "failed", stage: "before", code: "ECONNREFUSED" });
});

test("an unknown host fails before the request left", async (t) => {
  const reply = await clientFor(t, "http://robot.invalid").send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "before");
  assert.match(reply.kind === "failed" ? reply.code : "", /^(ENOTFOUND|EAI_AGAIN)$/);
});

test("a request calls mayLeave when its connection is open; when it may not leave, it never does, and the next one can", async (t) => {
  const seen: string[] = [];
  const url = await robot(t, async (request, response) => {
    seen.push(await textOf(request));
    response.end(ok);
  });
  const client = clientFor(t, url);
  const asked: string[] = [];

  const mayLeave = () => {
    asked.push("first");
    return false;
  };
  const withheld = client.send(key, '"first"', { mayLeave, givenUp: null });
  const askedAtOnce = [...asked];
  const replies = [await withheld, await client.send(key, '"second"')];

  assert.deepEqual(replies, [
    { kind: "failed", stage: "before", code: "WITHHELD" },
    { kind: "answered", status: 200, body: ok },
  ]);
  assert.deepEqual(seen, ['"second"']);
  assert.deepEqual([askedAtOnce, asked], [[], ["first"]]);
});

test("a request that is given up fails at once, after it left, and the next one is answered", async (t) => {
  const seen: string[] = [];
  const givenUp = new AbortController();
  const url = await robot(t, async (request, response) => {
    seen.push(await textOf(request));
    if (seen.length > 1) response.end(ok);
    else givenUp.abort();
  });
  const client = clientFor(t, url);

  const first = await client.send(key, '"first"', { mayLeave: () => true, givenUp: givenUp.signal });
  const second = await client.send(key, '"second"');

  assert.deepEqual(first, { kind: "failed", stage: "after", code: "GIVEN_UP" });
  assert.deepEqual([second.kind, seen], ["answered", ['"first"', '"second"']]);
});

test("a robot that never answers ends at the time-out, after the request left", async (t) => {
  const url = await robot(t, () => undefined);

  const reply = await clientFor(t, url, { timeoutMs: 1_000 }).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "after");
  assert.deepEqual(judgeReply(reply).verdict, {
    kind: "retry",
    reason: "contextDeadlineExceeded",
    quickTries: 5,
    inDoubt: true,
  });
});

test("a slow answer ends at the time-out, however often a byte arrives", async (t) => {
  const url = await robot(t, (_request, response) => {
    const drip = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(drip));
  });

  const reply = await clientFor(t, url, { timeoutMs: 1_000 }).send(key, "{}");

  assert.deepEqual(reply, { kind: "failed", stage: "after", code: "DEADLINE_TIMEOUT" });
});

test("a connection reset in place of an answer fails after the request left", async (t) => {
  const url = await robot(t, (request) => request.socket.resetAndDestroy());

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "after");
  assert.deepEqual(judgeReply(reply).verdict, {
    kind: "retry",
    reason: "connectionError",
    quickTries: 5,
    inDoubt: true,
  });
});

test("a truncated answer is not an answer", async (t) => {
  const url = await robot(t, (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"errcode":0');
    setImmediate(() => response.destroy());
  });

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "after");
});

test("a server that never answers the TLS handshake fails before the request left", async (t) => {
  const port = await started(
    t,
    createServer((socket) => t.after(() => socket.destroy())),
  );

  const reply = await clientFor(t, `https://127.0.0.1:${port}`, { timeoutMs: 200 }).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "before");
});

test("a certificate of an unknown authority is refused before the request left", async (t) => {
  const url = await tlsRobot(t, (_request, response) => response.end(ok));

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "before");
  assert.match(reply.kind === "failed" ? reply.code : "", /CERT|VERIFY|SIGNATURE/);
});

test("a configured authority is trusted", async (t) => {
  const url = await tlsRobot(t, (_request, response) => response.end(ok));

  const reply = await clientFor(t, url, { ca: testCA }).send(key, "{}");

  assert.deepEqual(reply, { kind: "answered", status: 200, body: ok });
});

test("a configured proxy carries the request and gets its credentials", async (t) => {
  const url = await tlsRobot(t, (_request, response) => response.end(ok));
  const proxy = await connectProxy(t);
  const proxyURL = new Secret(`http://user:p%40ss@127.0.0.1:${proxy.port}`);

  const reply = await clientFor(t, url, { ca: testCA, proxyURL }).send(key, "{}");

  assert.deepEqual(reply, { kind: "answered", status: 200, body: ok });
  assert.deepEqual(proxy.tunnels, [new URL(url).host]);
  assert.deepEqual(proxy.credentials, [`Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
});

for (const [refusal, reason] of [
  [407, "authError"],
  [502, "connectionError"],
] as const) {
  test(`a proxy that refuses with ${refusal} fails before the request left`, async (t) => {
    const proxy = await connectProxy(t, refusal);
    const proxyURL = new Secret(`http://127.0.0.1:${proxy.port}`);

    const reply = await clientFor(t, "https://robot.invalid", { proxyURL }).send(key, "{}");

    assert.deepEqual(reply, { kind: "failed", stage: "before", code: `PROXY_REFUSED_${refusal}` });
    assert.deepEqual(judgeReply(reply).verdict, { kind: "retry", reason, quickTries: 5, inDoubt: false });
  });
}

test("a proxy that never answers ends at the time-out, before the request left", async (t) => {
  const proxy = await connectProxy(t, "silence");
  const proxyURL = new Secret(`http://127.0.0.1:${proxy.port}`);

  const reply = await clientFor(t, "https://robot.invalid", { proxyURL, timeoutMs: 150 }).send(key, "{}");

  assert.equal(reply.kind === "failed" && reply.stage, "before");
});

test("HTTPS_PROXY is honoured when no proxy is configured", async (t) => {
  const url = await tlsRobot(t, (_request, response) => response.end(ok));
  const proxy = await connectProxy(t);
  withEnvironment(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });

  const reply = await clientFor(t, url, { ca: testCA }).send(key, "{}");

  assert.equal(reply.kind, "answered");
  assert.deepEqual(proxy.tunnels, [new URL(url).host]);
});

test("NO_PROXY is honoured", async (t) => {
  const url = await robot(t, (_request, response) => response.end(ok));
  const proxy = await connectProxy(t);
  withEnvironment(t, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "127.0.0.1" });

  const reply = await clientFor(t, url).send(key, "{}");

  assert.equal(reply.kind, "answered");
  assert.deepEqual(proxy.tunnels, []);
});

test("a robot on this machine is not reached through a proxy of the environment", async (t) => {
  const url = await robot(t, (_request, response) => response.end(ok));
  const proxy = await connectProxy(t);
  withEnvironment(t, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` });

  const reply = await clientFor(t, url, { proxyFromEnvironment: false }).send(key, "{}");

  assert.equal(reply.kind, "answered");
  assert.deepEqual(proxy.tunnels, []);
});

test("a request that failed before it left never leaves later", async (t) => {
  let requests = 0;
  const url = await robot(t, (_request, response) => {
    requests += 1;
    response.end(ok);
  });
  const proxy = await connectProxy(t, "silence");
  const client = clientFor(t, url, { proxyURL: new Secret(`http://127.0.0.1:${proxy.port}`), timeoutMs: 100 });

  const reply = await client.send(key, "{}");
  await client.close();

  assert.equal(reply.kind === "failed" && reply.stage, "before");
  assert.equal(requests, 0);
});

test("close waits for the answer in progress, and nothing is sent after it", async (t) => {
  const arrived = Promise.withResolvers<ServerResponse>();
  const url = await robot(t, (_request, response) => arrived.resolve(response));
  const client = clientFor(t, url);

  const inFlight = client.send(key, "{}");
  const response = await arrived.promise;
  const closing = client.close();
  response.end(ok);
  await closing;
  const late = await client.send(key, "{}");

  assert.equal((await inFlight).kind, "answered");
  assert.equal(late.kind === "failed" && late.stage, "before");
});

test("no failure contains the key or the address", async (t) => {
  const urls = ["http://127.0.0.1:1", "http://robot.invalid", await robot(t, (request) => request.socket.destroy())];

  for (const url of urls) {
    const text = JSON.stringify(await clientFor(t, url).send(key, "{}"));

    assert.ok(!text.includes(key.reveal()) && !text.includes("127.0.0.1") && !text.includes("invalid"), text);
  }
});
