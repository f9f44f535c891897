// Real servers on the loopback for tests of the client: a robot over HTTP or HTTPS, and a CONNECT proxy. Each closes with its test.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTLSServer } from "node:https";
import { type AddressInfo, connect, type Server as NetServer } from "node:net";
import type { TestContext } from "node:test";

const file = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");

export const testCA = file("ca.pem");

export async function robot(t: TestContext, listener: RequestListener, address = "127.0.0.1"): Promise<string> {
  return `http://${address}:${await started(t, createServer(listener), address)}`;
}

export async function tlsRobot(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createTLSServer({ cert: file("server.pem"), key: file("server.key") }, listener);
  return `https://localhost:${await started(t, server)}`;
}

export interface Proxy {
  readonly port: number;
  /** `host:port` of every requested tunnel. */
  readonly tunnels: readonly string[];
  readonly credentials: readonly (string | undefined)[];
}

/** `refusal` is the response to every CONNECT instead of a tunnel; with `silence` there is no response. */
export async function connectProxy(t: TestContext, refusal: number | "silence" | null = null): Promise<Proxy> {
  const tunnels: string[] = [];
  const credentials: (string | undefined)[] = [];
  const server = createServer().on("connect", (request: IncomingMessage, socket) => {
    tunnels.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    socket.on("error", () => undefined);
    if (refusal === "silence") return;
    if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    }).on("error", () => socket.destroy());
    t.after(() => upstream.destroy());
    t.after(() => socket.destroy());
  });
  return { port: await started(t, server), tunnels, credentials };
}

export async function started(t: TestContext, server: Server | NetServer, address = "127.0.0.1"): Promise<number> {
  server.listen(0, address);
  await once(server, "listening");
  t.after(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString("utf8");
}
