// Keeps the connections of a server below a limit: without descriptors the process accepts nothing and opens no file.

import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimit {
  readonly max: number;
  /** A connection was closed because of the limit. */
  readonly onClosed: (address: string | undefined) => void;
}

/** Known senders wait for a response before they send the next request; each open request takes memory. */
const maxPipelined = 20;

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/**
 * For the newest connection the longest idle one is closed, or, when none is idle, the one whose request is the oldest.
 * @returns the listener of the server's requests
 */
export function limitConnections(server: Server, onRequest: RequestListener, limit: ConnectionLimit): RequestListener {
  const known = new Map<string, Connection>();
  /** Both in the order in which they became so. */
  const [idle, busy] = [new Set<Connection>(), new Set<Connection>()];
  const close = ({ socket }: Connection) => {
    limit.onClosed(socket.remoteAddress);
    socket.destroy();
  };

  server.on("connection", (socket) => {
    const peer = peerOf(socket);
    const [oldest] = idle.size > 0 ? idle : busy;
    if (known.size >= limit.max && oldest !== undefined) close(oldest);
    const connection = { socket, requests: 0 };
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
    if (connection === undefined) return onRequest(req, res);
    // Node parses what a closed connection has sent before.
    if (connection.socket.destroyed) return;
    connection.requests += 1;
    if (connection.requests > maxPipelined) return close(connection);
    idle.delete(connection);
    busy.add(connection);
    res.once("close", () => {
      connection.requests -= 1;
      if (connection.requests === 0 && busy.delete(connection)) idle.add(connection);
    });
    return onRequest(req, res);
  };
}

/** Of a connection and of the TLS connection over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
