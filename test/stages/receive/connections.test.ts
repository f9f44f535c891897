// More connections than the limit: which is closed, and that others are served. Real sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/stack.ts";
import { type Receiving, receiving } from "./receiving.ts";

const head = "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n";

async function limited(t: TestContext, given: Receiving = {}) {
  const service = await receiving(t, { maxConnections: 10, ...given });
  const open = async (): Promise<Socket> => {
    const accepted = once(service.listening.server, "connection");
    const socket = connect(service.listening.port, "127.0.0.1");
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    await accepted;
    return socket;
  };
  return { ...service, open };
}

async function answer(socket: Socket): Promise<string> {
  socket.write(`${head}{}`);
  return String((await once(socket, "data"))[0]);
}

for (const { what, begin, makesRequest } of [
  { what: "that never sent anything", begin: "", makesRequest: false },
  { what: "whose request does not end", begin: `${head}{`, makesRequest: true },
  { what: "whose head does not end", begin: "POST /webhook HTTP/1.1\r\nHost:", makesRequest: false },
]) {
  test(`connections ${what} are closed for new ones, the oldest first, and counted`, async (t) => {
    const { open, metrics, ask, listening } = await limited(t);
    const held: Socket[] = [];
    for (let n = 0; n < 10; n++) {
      const socket = await open();
      const requested = makesRequest ? once(listening.server, "request") : null;
      socket.write(begin);
      await requested;
      held.push(socket);
    }

    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await ask("/webhook", { body: "{}" })).status);

    assert.deepEqual(statuses, [200, 200, 200, 200]);
    await eventually("one is closed", () => held.some(({ closed }) => closed));
    assert.deepEqual(
      held.map(({ closed }) => closed),
      [true, ...Array<boolean>(9).fill(false)],
      "each of the requests closed its own connection, which is the room for the next",
    );
    assert.match(await metrics.text(), /connections_closed_total 1\n/);
  });
}

test("the connection that is idle for the longest is closed, not one that works or was used since", async (t) => {
  const stored = Promise.withResolvers<void>();
  const { open } = await limited(t, {
    accept: async ({ bytes }) => {
      if (bytes.length === 3) await stored.promise;
      return { kind: "accepted", notifications: 1, duplicates: 0, source: "alertmanager" };
    },
  });
  const working = await open();
  working.write(`${head.replace("2", "3")}{ }`);
  const [used, idle] = [await open(), await open()];
  await answer(idle);
  await answer(used);

  for (let n = 0; n < 8; n++) await open();
  await eventually("one is closed", () => [working, used, idle].some(({ closed }) => closed));
  const answered = once(working, "data");
  stored.resolve();

  assert.deepEqual([working.closed, used.closed, idle.closed], [false, false, true]);
  assert.match(String((await answered)[0]), /^HTTP\/1\.1 200 /);
});

test("a connection does not make more than twenty requests at once", async (t) => {
  const { open, taken, metrics, ask } = await limited(t, { accept: () => new Promise(() => {}) });
  const socket = await open();

  socket.write(`${head}{}`.repeat(1_000));
  await eventually("it is closed", () => socket.closed);

  assert.equal((await ask("/-/healthy", { method: "GET" })).status, 200);
  assert.match(await metrics.text(), /connections_closed_total 1\n/);
  assert.deepEqual(taken, []);
});

test("requests sent ahead are closed too when each is answered at once", async (t) => {
  const { open, taken, metrics } = await limited(t, { maxBodyBytes: 100 });
  const socket = (await open()).resume();

  socket.write(`${head}{}`.repeat(1_000));
  await eventually("it is closed", () => socket.closed);

  assert.ok(taken.length <= 20, `${taken.length} were handled`);
  assert.match(await metrics.text(), /connections_closed_total 1\n/);
});

test("a connection may send as many requests as it likes one after the other", async (t) => {
  const { open, taken } = await limited(t);
  const socket = await open();

  for (let n = 0; n < 100; n++) assert.match(await answer(socket), /^HTTP\/1\.1 200 /);

  assert.equal(taken.length, 100);
});

test("requests sent ahead wait for the responses before them, and let other senders' webhooks pass", async (t) => {
  const { open, taken, ask } = await limited(t, { maxConnections: 200 });
  const sockets: Socket[] = [];
  for (let n = 0; n < 100; n++) sockets.push(await open());
  let answers = 0;
  for (const socket of sockets) {
    socket.on("data", (data) => {
      answers += String(data).match(/HTTP\/1\.1 200 /g)?.length ?? 0;
    });
    socket.write(`${head}{}`.repeat(15));
  }
  await Promise.race(sockets.map((socket) => once(socket, "data")));

  assert.equal((await ask("/webhook", { body: "{ }" })).status, 200);

  assert.ok(taken.length < 1_000, `${taken.length - 1} of 1,500 were handled before`);
  await eventually("all are answered", () => answers === 1_500);
});

const chunkedHead = "POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

for (const { what, path } of [
  { what: "that is read", path: "/webhook" },
  { what: "that nobody reads", path: "/nothing" },
]) {
  test(`a body ${what}, of chunks of one byte that do not end, is cut`, async (t) => {
    const { open, ask, listening } = await limited(t, { maxBodyBytes: 10_000_000 });
    const accepted = once(listening.server, "connection");
    const socket = await open();
    const [serverSide] = (await accepted) as [Socket];

    socket.write(chunkedHead.replace("/webhook", path));
    socket.write("1\r\nx\r\n".repeat(1_000_000));
    await eventually("it is closed", () => socket.closed);

    assert.ok(serverSide.bytesRead < 1_000_000, `the service read ${serverSide.bytesRead} bytes`);
    assert.equal((await ask("/webhook", { body: "{}" })).status, 200);
  });
}

test("a body in chunks as a proxy sends them is read, and so is a short one of tiny chunks", async (t) => {
  const { open, taken } = await limited(t, { maxBodyBytes: 1_000_000 });
  const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;
  const [one, other] = [await open(), await open()];

  one.write(`${chunkedHead}${chunk(4_096).repeat(200)}0\r\n\r\n`);
  other.write(`${chunkedHead}${chunk(1).repeat(1_000)}0\r\n\r\n`);
  await Promise.all([once(one, "data"), once(other, "data")]);

  assert.deepEqual(taken.map(({ bytes }) => bytes.length).toSorted(), [1_000, 819_200]);
});
