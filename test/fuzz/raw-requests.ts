// Requests that no HTTP client sends: incomplete, with a wrong length, half-closed. Each is written to a new socket.

import { connect } from "node:net";
import { createRandom } from "./random.ts";

const post = (headers: string, body = "") => `POST /webhook HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;

const requests: readonly string[] = [
  post("Content-Length: 100", '{"alerts":['),
  post("Content-Length: 2", '{"alerts":[]}GET / HTTP/1.1\r\n\r\n'),
  post("Content-Length: -1", "{}"),
  post("Content-Length: 99999999999999999999", "{}"),
  post("Content-Length: 2\r\nContent-Length: 3", "{}"),
  post("Content-Length: 2\r\nTransfer-Encoding: chunked", "{}"),
  post("Transfer-Encoding: chunked", "2\r\n{}\r\n"),
  post("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"),
  post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\n{}"),
  post("Transfer-Encoding: gzip, chunked", "2\r\n{}\r\n0\r\n\r\n"),
  post("Content-Length: 10\r\nContent-Encoding: gzip", "0123456789"),
  post(`X: ${"a".repeat(20_000)}\r\nContent-Length: 2`, "{}"),
  post(`${Array.from({ length: 3_000 }, (_, index) => `X${index}: y`).join("\r\n")}\r\nContent-Length: 2`, "{}"),
  post("Expect: 100-continue\r\nContent-Length: 5", "{}"),
  post("Expect: nonsense\r\nContent-Length: 2", "{}"),
  post("Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2", "{}"),
  "POST /web\0hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
  "POST /%2e%2e/%00%ff/webhook/bot/%e0%80%80 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
  `POST /webhook/bot/${"a".repeat(9_000)} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`,
  "POST http://evil.example/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
  "POST //evil.example HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
  "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
  "BREW /webhook HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /webhook HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
  "POST /webhook HTTP/9.9\r\nHost: x\r\n\r\n",
  "GET /\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "\r\n\r\n\r\n",
  `GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(50),
  post("Content-Length: 2", "{}").repeat(50),
];

const patienceMs = 100;

/** Resolves with the statuses of all answers; none if the connection just ends. */
export function sendRaw(port: number, number: number): Promise<readonly number[]> {
  const random = createRandom(number);
  const request = random.pick(requests);
  const ending = random.pick(["half-close", "hang up", "wait"] as const);
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve([...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)));
    };
    const timer = setTimeout(end, patienceMs);
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", end);
    socket.on("close", end);
    socket.write(Buffer.from(request, "latin1"), () => {
      if (ending === "half-close") socket.end();
      if (ending === "hang up") end();
    });
  });
}
