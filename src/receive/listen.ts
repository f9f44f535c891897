// Listens on an address with time-outs that fit the senders. Closing lets responses in progress finish.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ConnectionLimit, limitConnections } from "./connections.ts";
import { createTlsServer, type TlsSetup } from "./tls-server.ts";

export interface ListenOptions {
  /** Empty: all addresses of the machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Null: plain HTTP. */
  readonly tls: TlsSetup | null;
  readonly connections: ConnectionLimit;
  /** Closes a connection on which nothing moves for so long although a response is due or not read. Default: a minute. */
  readonly stalledMs?: number;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Accepts no new connections, waits for the responses in progress, and closes what is still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Alertmanager reuses idle connections for 5 minutes; a server that closes them earlier sometimes resets a webhook. */
const keepAliveMs = 360_000;
const headersTimeoutMs = 10_000;
/** Longer than the time-out of a body; for connections that never become a request. */
const requestTimeoutMs = 60_000;
/** Longer than any response takes. */
const defaultStalledMs = 60_000;
const closeIdleEveryMs = 50;

/** Rejects when it cannot listen on the address. */
export async function listen(onRequest: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, tls, connections, stalledMs = defaultStalledMs } = options;
  const timeouts = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    handshakeTimeout: headersTimeoutMs,
  };
  const server: Server = tls === null ? createServer(timeouts) : createTlsServer(tls, timeouts);
  server.setTimeout(stalledMs);
  server.on("request", limitConnections(server, onRequest, connections));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(host === "" ? { port } : { port, host }, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, close: (graceMs) => closed(server, graceMs) };
}

/** A connection becomes idle only after its response, so idle ones are closed again and again until none is left. */
async function closed(server: Server, graceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(cut);
}
