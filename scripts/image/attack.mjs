// Attacks a service while others post right webhooks to it: what one request, one connection or one sender could take from all of
// them. Arguments: the service, and the names of attacks (all). Prints each attack; exits with 1 if a right webhook was not answered
// with 200 within 2 s. A service that is gone answers none.

import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { constants, createGzip, gzipSync } from "node:zlib";

const [service, ...names] = process.argv.slice(2);
const { hostname, port } = new URL(service);
const withinMs = 2_000;

const alertNamed = (alertname, labels = {}, text = "") => ({
  status: "firing",
  labels: { alertname, ...labels },
  annotations: { description: text },
  startsAt: "2026-01-02T03:04:05Z",
});
const bodyOf = (alerts, groupKey) => JSON.stringify({ version: "4", groupKey, alerts });

async function post(body, headers = {}) {
  const answer = await fetch(`${service}/webhook`, { method: "POST", body, headers });
  await answer.arrayBuffer();
  return answer.status;
}

/** Statuses of right webhooks and the slowest of them, until `stop`: ten a second of 1 kB, and two of 30 kB. */
function rightSenders(attack) {
  const seen = { statuses: new Map(), slowestMs: 0 };
  const open = new Set();
  const send = (number, length) => {
    const body = bodyOf([alertNamed(`Right during ${attack}`, { number }, "x".repeat(length))], `${attack} ${number}`);
    const sentAt = performance.now();
    const answered = post(body)
      // As Go's client does when its connection was closed while it was idle.
      .catch((error) =>
        ["ECONNRESET", "UND_ERR_SOCKET"].includes(error.cause?.code) ? post(body) : Promise.reject(error),
      )
      .catch((error) => error.cause?.code ?? error.message)
      .then((status) => {
        seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
        seen.slowestMs = Math.max(seen.slowestMs, performance.now() - sentAt);
        open.delete(answered);
      });
    open.add(answered);
  };
  let number = 0;
  const timer = setInterval(() => {
    number += 1;
    send(`${number}`, 500);
    if (number % 5 === 0) send(`${number} long`, 30_000);
  }, 100);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
    return seen;
  };
}

/** A request that does not end, or ends when its body is complete. Collects what it is answered with. */
async function open(head, body) {
  const socket = connect(Number(port || 80), hostname);
  const held = { socket, answer: "" };
  socket
    .on("error", () => undefined)
    .on("data", (data) => {
      held.answer += data;
    });
  socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
  socket.write(body);
  const until = performance.now() + 5_000;
  while (socket.writableLength > 0 && !socket.closed && performance.now() < until) await delay(5);
  return held;
}

function firstStatuses(held) {
  const statuses = held.map(({ answer }) => answer.slice(9, 12) || "open");
  return Object.entries(Object.groupBy(statuses, (status) => status)).map(([status, all]) => `${all.length} ${status}`);
}

async function flushedGzip(bytes) {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const parts = [];
  gzip.on("data", (part) => parts.push(part));
  await new Promise((resolve) => gzip.write(Buffer.alloc(bytes, 32), resolve));
  return Buffer.concat(parts);
}

/** Forty at once, with a reload after each: limits that belong to a configuration would begin again. */
async function unfinished(head, body) {
  const held = [];
  for (let number = 0; number < 40; number++) {
    held.push(await open(`${head}Content-Length: 9900000`, body));
    await fetch(`${service}/-/reload`, { method: "POST" }).then((answer) => answer.arrayBuffer());
  }
  await delay(3_000);
  for (const { socket } of held) socket.destroy();
  return firstStatuses(held);
}

const gzip = { "Content-Encoding": "gzip" };
const plainBytes = Buffer.alloc(9_800_000, 32);

const attacks = {
  async "numeric groupKey"() {
    const body = `{"groupKey":1e300,"x":[${'{"groupKey":1},'.repeat(494_000)}0],"alerts":[${JSON.stringify(alertNamed("a"))}]}`;
    return [await post(gzipSync(body), gzip), await post(gzipSync(body), gzip)];
  },
  "40 unfinished bodies, 40 reloads": () => unfinished("", plainBytes),
  "the same as gzip": async () => unfinished("Content-Encoding: gzip\r\n", await flushedGzip(9_800_000)),
  async "chunks of one byte"() {
    const chunks = Buffer.from("1\r\nx\r\n".repeat(1_000_000));
    const held = [await open("Transfer-Encoding: chunked", chunks), await open("Transfer-Encoding: chunked", chunks)];
    await delay(3_000);
    for (const { socket } of held) socket.destroy();
    return firstStatuses(held);
  },
  async "pipelined requests"() {
    const head = "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n";
    const held = [];
    for (let number = 0; number < 10; number++)
      held.push(await open("Content-Length: 2", `{}${`${head}{}`.repeat(100_000)}`));
    await delay(2_000);
    for (const { socket } of held) socket.destroy();
    return firstStatuses(held);
  },
  async "2,000 connections that do not read /metrics"() {
    const sockets = Array.from({ length: 2_000 }, () =>
      connect(Number(port || 80), hostname).on("error", () => undefined),
    );
    for (const socket of sockets) socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(15));
    await delay(5_000);
    const states = Object.groupBy(sockets, ({ closed }) => (closed ? "closed" : "open"));
    for (const socket of sockets) socket.destroy();
    return Object.entries(states).map(([state, all]) => `${all.length} ${state}`);
  },
  async "3,000 idle connections"() {
    const held = await Promise.all(Array.from({ length: 3_000 }, () => open("Content-Length: 10", "{")));
    await delay(2_000);
    for (const { socket } of held) socket.destroy();
    return firstStatuses(held);
  },
  async "a storm of 10,000 alerts"() {
    const webhook = (group) =>
      bodyOf(
        Array.from({ length: 20 }, (_, n) =>
          alertNamed("Storm", { group: `${group}`, device: `disk${n}` }, "x".repeat(500)),
        ),
        `storm ${group}`,
      );
    const answers = await Promise.all(Array.from({ length: 500 }, (_, group) => post(webhook(group))));
    return [...new Set(answers)];
  },
  async "19,000 alerts of 49 labels"() {
    const labels = Object.fromEntries(Array.from({ length: 44 }, (_, n) => [`l${n}`, "v"]));
    const alerts = Array.from({ length: 19_000 }, (_, n) => ({ status: "firing", labels: { ...labels, n: `${n}` } }));
    return [await post(gzipSync(JSON.stringify({ alerts })), gzip)];
  },
};

for (const name of names.length > 0 ? names : Object.keys(attacks)) {
  const stop = rightSenders(name);
  await delay(500);
  const answers = await attacks[name]().catch((error) => [error.cause?.code ?? error.message]);
  await delay(500);
  const { statuses, slowestMs } = await stop();
  const right = [...statuses].map(([status, times]) => `${times} answered with ${status}`).join(", ");
  console.log(
    `${name} (${answers.join(", ")}): right webhooks ${right}, the slowest after ${Math.round(slowestMs)} ms`,
  );
  if (statuses.size !== 1 || !statuses.has(200) || slowestMs > withinMs) process.exitCode = 1;
}
