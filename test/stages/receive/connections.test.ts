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
