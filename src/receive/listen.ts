// Shell: an address to listen on, with time-outs that fit the senders, and an end that lets answers in flight finish.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTlsServer, type TlsSetup } from "./tls-server.ts";

export interface ListenOptions {
  /** Empty for every address of the machine. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Null: plain HTTP. */
  readonly tls: TlsSetup | null;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Takes no new connection, lets the answers in flight finish, and cuts what is still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Alertmanager reuses idle connections for 5 minutes; a server that closes them earlier resets a webhook now and then. */
const keepAliveMs = 360_000;
const headersTimeoutMs = 10_000;
/** Behind the body's own time-out, for what never becomes a request. */
const requestTimeoutMs = 60_000;
const closeIdleEveryMs = 50;

/** Rejects when the address can not be listened on. */
export async function listen(answer: RequestListener, { host, port, tls }: ListenOptions): Promise<Listening> {
  const timeouts = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
  };
  const server: Server =
    tls === null ? createServer(timeouts) : createTlsServer(tls, { ...timeouts, handshakeTimeout: headersTimeoutMs });
  server.on("request", answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === "" ? {} : { host }) }, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, close: (graceMs) => closed(server, graceMs) };
}

/** A connection becomes idle only after its answer, so idle ones are looked for until none is left. */
async function closed(server: Server, graceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(cut);
}
