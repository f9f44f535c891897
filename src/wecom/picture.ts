// Shell: fetches the picture an alert names, for an image message. The address comes from alert text, so it is not trusted:
// only http(s), no private, loopback or link-local address unless allowed (after every redirect and every name look-up),
// a limit on size, time and redirects, and nothing but a PNG or JPEG by its own first bytes.

import { createHash } from "node:crypto";
import { lookup } from "node:dns";
import { createReadStream } from "node:fs";
import { isIP, type LookupFunction } from "node:net";
import { isAbsolute } from "node:path";
import type { Readable } from "node:stream";
import ipaddr from "ipaddr.js";
import { Agent, type Dispatcher } from "undici";

export interface PictureLimits {
  readonly allowPrivate: boolean;
  readonly maxBytes: number;
  /** For everything: look-up, redirects and the bytes. */
  readonly timeoutMs: number;
}

/** As an image message wants it. */
export interface Picture {
  readonly base64: string;
  /** 32 hex digits over the bytes, before base64. */
  readonly md5: string;
}

export type FetchedPicture =
  | { readonly kind: "picture"; readonly picture: Picture }
  /** `reason` holds no address: it may carry a token. */
  | { readonly kind: "none"; readonly reason: string };

export interface PictureClient {
  /** An http(s) address, or the path of a file: alert text can only ever be the former (render/links.ts). */
  fetch(place: string): Promise<FetchedPicture>;
  close(): Promise<void>;
}

const maxRedirects = 3;

/**
 * Private is what is not reached over the public internet: the special ranges of RFC 6890, and those that carry an IPv4 address
 * inside (NAT64, 6to4, Teredo), which may be any of them.
 * @param address in digits; an IPv4 address mapped into IPv6 is judged as what it is. What is no address is private.
 */
export function isPrivateAddress(address: string): boolean {
  // `ipaddr.js` also reads short forms such as 1.2.3 and takes no zone with a hyphen: what only one of both knows is private.
  const isAddress = isIP(address) !== 0 && ipaddr.isValid(address);
  return !isAddress || ipaddr.process(address).range() !== "unicast";
}

/** @param isPrivate of an address in digits; another one is for tests, whose servers are all private */
export function createPictureClient(limits: PictureLimits, isPrivate = isPrivateAddress): PictureClient {
  const guard = guardOf((address) => limits.allowPrivate || !isPrivate(address));
  const agent = new Agent({ connect: { lookup: guard.lookup, timeout: limits.timeoutMs }, keepAliveTimeout: 1_000 });
  return {
    async fetch(place) {
      try {
        if (isAbsolute(place)) return await pictureOf(createReadStream(place), limits.maxBytes);
        return await follow(place, { agent, limits, guard, signal: AbortSignal.timeout(limits.timeoutMs) });
      } catch (cause) {
        return none(codeOf(cause));
      }
    },
    close: () => agent.destroy(),
  };
}

interface Guard {
  readonly lookup: LookupFunction;
  /** A literal address in a URL is never looked up. */
  readonly allows: (hostname: string) => boolean;
}

function guardOf(allowed: (address: string) => boolean): Guard {
  return {
    allows: (hostname) => isIP(hostname) === 0 || allowed(hostname),
    lookup: (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        const good = error === null ? addresses.filter(({ address }) => allowed(address)) : [];
        const [first] = good;
        if (error !== null) callback(error, "");
        else if (first === undefined)
          callback(Object.assign(new Error("private address"), { code: "PRIVATE_ADDRESS" }), "");
        else if (options.all === true) callback(null, good);
        else callback(null, first.address, first.family);
      });
    },
  };
}

interface Fetching {
  readonly agent: Dispatcher;
  readonly limits: PictureLimits;
  readonly guard: Guard;
  readonly signal: AbortSignal;
}

async function follow(url: string, fetching: Fetching, redirects = 0): Promise<FetchedPicture> {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null || !/^https?:$/u.test(address.protocol)) return none("it is no http(s) address");
  if (!fetching.guard.allows(address.hostname.replace(/^\[|\]$/gu, ""))) return none("PRIVATE_ADDRESS");
  const { origin, pathname, search } = address;
  const options = { origin, path: pathname + search, method: "GET", signal: fetching.signal } as const;
  const { statusCode, headers, body } = await fetching.agent.request(options);
  const { location } = headers;
  if (statusCode >= 300 && statusCode < 400 && typeof location === "string") {
    discard(body);
    return redirects < maxRedirects
      ? follow(new URL(location, address).href, fetching, redirects + 1)
      : none("too many redirects");
  }
  if (statusCode !== 200) {
    discard(body);
    return none(`HTTP ${statusCode}`);
  }
  return pictureOf(body, fetching.limits.maxBytes);
}

/** A body destroyed before its end says so as an error, which would end the process if nobody listened. */
function discard(body: Readable): void {
  body.on("error", () => undefined).destroy();
}

async function pictureOf(body: AsyncIterable<Buffer>, maxBytes: number): Promise<FetchedPicture> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return none(`it is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  if (!isPicture(content)) return none("it is neither PNG nor JPEG");
  return {
    kind: "picture",
    picture: { base64: content.toString("base64"), md5: createHash("md5").update(content).digest("hex") },
  };
}

export function isPicture(content: Buffer): boolean {
  const png = content.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const jpeg = content.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
  return png || jpeg;
}

/** Without the text of an error, which may hold the address. */
function codeOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "it could not be fetched";
}

function none(reason: string): FetchedPicture {
  return { kind: "none", reason };
}
