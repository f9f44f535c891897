import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

/**
 * Whose share a request counts against: an IPv4 address, or the first half of an IPv6 address, because a host may choose any
 * address in its /64. Behind a proxy it is the proxy's.
 */
export function clientOf({ socket }: Pick<IncomingMessage, "socket">): string {
  const [address = ""] = (socket.remoteAddress ?? "").split("%");
  if (!address.includes(":")) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
