// Where a request comes from: a page of another origin, or this machine. Browsers set Sec-Fetch-Site and Origin themselves, no page
// can change them (w3.org/TR/fetch-metadata, fetch.spec.whatwg.org), and senders set neither.

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/**
 * A page of another origin may have made a browser send it. Of requests that only read these are what a page embeds: their answers
 * are kept from it, but cost this process something. A link from elsewhere may be followed. Over plain HTTP to an address that is
 * not loopback, browsers send only Origin, and that not with every read.
 */
export function isCrossSite({ method, headers }: IncomingMessage): boolean {
  const { "sec-fetch-site": site, "sec-fetch-dest": destination = "document", origin } = headers;
  const isRead = method === "GET" || method === "HEAD";
  if (isRead && destination === "document") return false;
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return !isRead && origin !== undefined && origin.replace(/^https?:\/\//, "") !== headers.host;
}

/**
 * A page posted it to the name it came from, and anybody may let their name lead here (DNS rebinding): for the browser it is of the
 * same origin. Names that nobody else can own are no such names.
 */
export function mayBeRebound({ method, headers }: IncomingMessage): boolean {
  const isRead = method === "GET" || method === "HEAD";
  const isOfPage = headers.origin !== undefined || headers["sec-fetch-site"] === "same-origin";
  return !isRead && isOfPage && !/^(?:localhost|[\d.]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(headers.host ?? "");
}

/**
 * A program of this machine sent it, to this machine, and through no proxy. nginx without settings for it adds no header, but asks
 * with HTTP/1.0 (nginx.org, proxy_http_version, before 1.29.7).
 */
export function isOfThisMachine({ socket, headers, httpVersion }: IncomingMessage): boolean {
  const isPeer = /^(?:::1|(?:::ffff:)?127\.0\.0\.1)$/.test(socket.remoteAddress ?? "");
  const isNamed = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(headers.host ?? "");
  return isPeer && isNamed && httpVersion === "1.1" && !isForwarded(headers);
}

const forwardingHeader =
  /^(?:forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-.*|x-forwarded-.*|x-envoy-.*|x-original-.*)$/;

function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => forwardingHeader.test(name));
}
