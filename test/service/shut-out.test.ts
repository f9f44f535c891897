// What somebody without credentials holds open shuts nobody out: the whole service, as in a container of 256 MB. Real sockets.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { constants, createGzip, gzipSync } from "node:zlib";
import { eventually, type Stack, type StackOptions, startStack } from "../support/stack.ts";

const megabyte = 2 ** 20;
const secret = "not-a-secret";
const signed = `
route: { bot: ops }
auth:
  webhook:
    - hmac: { header: X-Signature, timestamp_header: X-Time, secret: ${secret} }
`;

interface Service extends Stack {
  readonly sockets: Socket[];
}

async function small(t: TestContext, options: StackOptions = {}): Promise<Service> {
  const stack = await startStack({ memoryBytes: 256 * megabyte, ...options });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return stack.stop();
  });
  return { ...stack, sockets };
}

function connected({ origin, sockets }: Service): Socket {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

/** A request whose body does not end. Resolves when the service has read what was sent, or has answered. */
async function unfinished(service: Service, { head = "", sent }: { head?: string; sent: Buffer }): Promise<Socket> {
  const socket = connected(service);
  await once(socket, "connect");
  socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\n${head}Content-Length: 9900000\r\n\r\n`);
  socket.write(sent);
  await eventually("it is sent", () => socket.writableLength === 0 || socket.closed);
  await delay(100);
  return socket;
}

async function flushedGzip(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const parts: Buffer[] = [];
  gzip.on("data", (part: Buffer) => parts.push(part));
  await new Promise((resolve) => gzip.write(Buffer.alloc(bytes, 32), resolve));
  return Buffer.concat(parts);
}

const now = () => `${Math.floor(Date.now() / 1_000)}`;
const plain = Buffer.alloc(3 * megabyte, 32);

for (const { what, options, head, sent, connections } of [
  { what: "one plain body that does not end", options: {}, head: () => "", sent: plain, connections: 1 },
  {
    what: "ten unfinished gzip bodies of 10 kB",
    options: {},
    head: () => "Content-Encoding: gzip\r\n",
    sent: await flushedGzip(9_900_000),
    connections: 10,
  },
  {
    what: "seven plain bodies with a junk signature and a fresh time",
    options: { config: signed },
    head: () => `X-Signature: 00\r\nX-Time: ${now()}\r\n`,
    sent: plain,
    connections: 7,
  },
]) {
  test(`${what}: every webhook finds room beside them`, async (t) => {
    const stack = await small(t, options);
    for (let n = 0; n < connections; n++) await unfinished(stack, { head: head(), sent });

    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push(await post(stack, alertNamed(`right ${n}`)));
    const large = alertNamed("large", "x".repeat(100_000));
    await eventually("a large one gets the room", async () => (await post(stack, large)) === 200, 10_000);

    assert.deepEqual(statuses, Array(5).fill(200));
  });
}

function alertNamed(alertname: string, description = ""): string {
  return JSON.stringify({ alerts: [{ status: "firing", labels: { alertname }, annotations: { description } }] });
}

/** Signed, whether the service asks for it or not. */
async function post({ origin }: Stack, body: string): Promise<number> {
  const time = now();
  const signature = createHmac("sha256", secret).update(`${time}:${body}`).digest("hex");
  const headers = { "X-Signature": signature, "X-Time": time };
  const answer = await fetch(`${origin}/webhook`, { method: "POST", headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

test("reloads make no room for more unfinished bodies", async (t) => {
  const stack = await small(t);
  const answers: Socket[] = [];

  for (let n = 0; n < 8; n++) {
    const socket = await unfinished(stack, { sent: plain });
    socket.once("data", () => answers.push(socket));
    assert.equal(await stack.reload({}), 0);
  }
  await eventually("five of eight are refused: two fit, and the largest", () => answers.length >= 5, 5_000);

  assert.equal(await post(stack, alertNamed("right")), 200);
});

test("reloads do not repeat paced log lines", async (t) => {
  const stack = await small(t);

  for (let n = 0; n < 5; n++) {
    await fetch(`${stack.origin}/webhook`, { method: "GET" });
    await stack.post("nonsense");
    await stack.reload({});
  }

  const count = (text: string) => stack.log.filter((line) => line.includes(text)).length;
  assert.deepEqual([count("status=405"), count("code=not_json")], [1, 1]);
});

test("a webhook is answered among more idle connections than the process may have", async (t) => {
  const stack = await small(t, { descriptors: 100 });
  const idle = Array.from({ length: 120 }, () => connected(stack));
  await eventually("all are connected or closed", () => idle.every(({ connecting }) => !connecting));

  assert.equal(await post(stack, alertNamed("right")), 200);
  await eventually("half of the descriptors are left", () => idle.filter(({ closed }) => closed).length > 120 - 50);
});

test("a large compressed body gets the room of one that stands still", async (t) => {
  const stack = await small(t);
  await unfinished(stack, { sent: plain });
  const body = gzipSync(alertNamed("large", "x".repeat(3_000_000)));
  const headers = { "Content-Encoding": "gzip" };

  await eventually(
    "it is accepted",
    async () => (await fetch(`${stack.origin}/webhook`, { method: "POST", headers, body })).status === 200,
    10_000,
  );
});
