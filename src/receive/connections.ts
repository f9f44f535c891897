// Keeps the connections of a server below a limit: without descriptors the process accepts nothing and opens no file. Also limits what
// one connection does in a turn of the event loop: Node reads 2 MB of it at once, which may be 40,000 requests or 300,000 chunks.

import type { IncomingMessage, RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";

export interface ConnectionLimit {
  readonly max: number;
  /** A connection was closed because of the limit. */
  readonly onClosed: (address: string | undefined) => void;
}

/** Known senders wait for a response before they send the next request; each open request takes memory and time. */
const maxPipelined = 20;

/** Of the requests that were sent ahead, in one turn of the event loop: 2,000 connections may have 40,000 of them, at 0.2 ms each. */
const aheadInOneTurn = 10;

/** A chunk takes 4 µs and 150 bytes, however small it is. Known senders send none; proxies send chunks of 4 kB and more. */
const maxTinyChunks = 2_000;
const tinyChunkBytes = 32;

interface Connection {
  readonly socket: Socket;
  requests: number;
  /** Starts the requests that were sent ahead: each when the one before it has its response, as senders that wait for it do. */
  readonly ahead: (() => void)[];
}

/**
 * For the newest connection the longest idle one is closed, or, when none is idle, the one whose request is the oldest.
 * @returns the listener of the server's requests
 */
export function limitConnections(server: Server, onRequest: RequestListener, limit: ConnectionLimit): RequestListener {
  const known = new Map<string, Connection>();
  /** Both in the order in which they became so. */
  const [idle, busy] = [new Set<Connection>(), new Set<Connection>()];
  const startAhead = paced(aheadInOneTurn);
  const close = ({ socket }: Connection) => {
    limit.onClosed(socket.remoteAddress);
    socket.destroy();
  };

  server.on("connection", (socket) => {
    const peer = peerOf(socket);
    const [oldest] = idle.size > 0 ? idle : busy;
    if (known.size >= limit.max && oldest !== undefined) close(oldest);
    const connection = { socket, requests: 0, ahead: [] };
    known.set(peer, connection);
    idle.add(connection);
    socket.once("close", () => {
      if (known.get(peer) === connection) known.delete(peer);
      idle.delete(connection);
      busy.delete(connection);
    });
  });

  return (req, res) => {
    const connection = known.get(peerOf(req.socket));
    // Node parses what a closed connection has sent before.
    if (req.socket.destroyed || connection?.socket.destroyed) return;
    if (connection === undefined) return onRequest(req, res);
    connection.requests += 1;
    if (connection.requests > maxPipelined) return close(connection);
    idle.delete(connection);
    busy.add(connection);
    limitChunks(req, () => close(connection));
    // The length of a chunked body is not known, and nobody counts what is left of it.
    res.once("finish", () => {
      if (!req.complete && req.headers["transfer-encoding"] !== undefined) connection.socket.destroy();
    });
    // Counted until the next turn, else a connection may have any number of requests answered in this one.
    res.once("close", () =>
      setImmediate(() => {
        connection.requests -= 1;
        const next = connection.ahead.shift();
        if (next !== undefined) startAhead(next);
        if (connection.requests === 0 && busy.delete(connection)) idle.add(connection);
      }),
    );
    if (connection.requests === 1) return onRequest(req, res);
    connection.ahead.push(() => {
      if (!req.socket.destroyed) onRequest(req, res);
    });
  };
}

/** Runs what it is given in its order, so many in a turn of the event loop. */
function paced(inOneTurn: number): (run: () => void) => void {
  const waiting: (() => void)[] = [];
  const turn = () => {
    for (const run of waiting.splice(0, inOneTurn)) run();
    if (waiting.length > 0) setImmediate(turn);
  };
  return (run) => {
    waiting.push(run);
    if (waiting.length === 1) setImmediate(turn);
  };
}

/** Before the stream keeps a chunk: until a body is read, its chunks wait in memory. */
function limitChunks(req: IncomingMessage, onTooMany: () => void): void {
  let [chunks, bytes] = [0, 0];
  req.push = (chunk: Uint8Array | null, encoding) => {
    if (chunk !== null) {
      chunks += 1;
      bytes += chunk.length;
    }
    if (chunks <= maxTinyChunks || bytes >= chunks * tinyChunkBytes) {
      return Readable.prototype.push.call(req, chunk, encoding);
    }
    if (!req.socket.destroyed) onTooMany();
    return false;
  };
}

/** Of a connection and of the TLS connection over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
