import type { IncomingMessage } from "node:http";
import type { Sender } from "../domain/sender.ts";

/** It is stored with every notification: some clients send a user agent of a kilobyte. */
const longestUserAgent = 100;

export function senderOf({ socket, headers }: IncomingMessage): Sender {
  return {
    address: (socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
    userAgent: (headers["user-agent"] ?? "").slice(0, longestUserAgent),
  };
}
