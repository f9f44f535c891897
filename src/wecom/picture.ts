// Fetches the picture of an alert for an image message. The URL comes from alert text and is not trusted: only http(s), no private,
// loopback or link-local address unless allowed (checked after every redirect and DNS look-up), limits on size, time and redirects,
// and only PNG or JPEG, recognised by the first bytes.

import { createHash } from "node:crypto";
import { lookup } from "node:dns";
import { createReadStream } from "node:fs";
import { isIP, type LookupFunction } from "node:net";
import { isAbsolute } from "node:path";
import ipaddr from "ipaddr.js";
import { Agent, type Dispatcher } from "undici";
import type { FillFailure } from "../domain/optional-part.ts";

export interface PictureLimits {
  readonly allowPrivate: boolean;
  readonly maxBytes: number;
  /** For look-up, redirects and download together. */
  readonly timeoutMs: number;
}

/** The fields of an image message. */
export interface Picture {
  readonly base64: string;
  /** 32 hex digits, of the bytes before base64. */
  readonly md5: string;
}

export type FetchedPicture =
  | { readonly kind: "picture"; readonly picture: Picture }
  /** `detail` holds no URL, which may contain a token. */
  | { readonly kind: "none"; readonly failure: FillFailure; readonly detail: string };

export interface PictureClient {
  /** An http(s) URL or the path of a file; alert text can only be a URL (render/view/links.ts). */
  fetch(location: string, signal: AbortSignal): Promise<FetchedPicture>;
  close(): Promise<void>;
}

const maxRedirects = 3;

/** Azure's platform answers every virtual machine there (learn.microsoft.com, "What is IP address 168.63.129.16?"). */
const azurePlatform = "168.63.129.16";

/**
 * An address is private when it is in a special range of RFC 6890, or in a range that contains an IPv4 address (NAT64, 6to4,
 * Teredo), which may itself be private. Of IPv6 only 2000::/3 is public (IANA, IPv6 Address Space).
 * @param address an IP address; an IPv4 address mapped into IPv6 is checked as IPv4. Any other text is private.
 */
export function isPrivateAddress(address: string): boolean {
  // `ipaddr.js` accepts short forms such as 1.2.3 and rejects a zone with a hyphen: an address must be valid for both.
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  const isAllocated = parsed.kind() === "ipv4" || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
  return parsed.range() !== "unicast" || !isAllocated || parsed.toString() === azurePlatform;
}

/** @param isPrivate of an IP address; replaced in tests, whose servers are all private */
export function createPictureClient(limits: PictureLimits, isPrivate = isPrivateAddress): PictureClient {
  const filter = addressFilter((address) => limits.allowPrivate || !isPrivate(address));
  const agent = new Agent({ connect: { lookup: filter.lookup, timeout: limits.timeoutMs }, keepAliveTimeout: 1_000 });
  return {
    async fetch(location, signal) {
      const ends = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
      try {
        if (isAbsolute(location))
          return await readPicture(createReadStream(location, { signal: ends }), limits.maxBytes);
        return await fetchURL(location, { agent, limits, filter, signal: ends });
      } catch (cause) {
        const code = codeOf(cause);
        return none(code, /timeout/iu.test(code) ? "timeout" : "failed");
      }
    },
    close: () => agent.destroy(),
  };
}

interface AddressFilter {
  readonly lookup: LookupFunction;
  /** An IP address in a URL is not looked up. True for a host name, which `lookup` checks. */
  readonly allows: (hostname: string) => boolean;
}

function addressFilter(allowed: (address: string) => boolean): AddressFilter {
  return {
    allows: (hostname) => isIP(hostname) === 0 || allowed(hostname),
    lookup: (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        const usable = error === null ? addresses.filter(({ address }) => allowed(address)) : [];
        const [first] = usable;
        if (error !== null) callback(error, "");
        else if (first === undefined)
          callback(Object.assign(new Error("private address"), { code: "PRIVATE_ADDRESS" }), "");
        else if (options.all === true) callback(null, usable);
        else callback(null, first.address, first.family);
      });
    },
  };
}

interface FetchContext {
  readonly agent: Dispatcher;
  readonly limits: PictureLimits;
  readonly filter: AddressFilter;
  readonly signal: AbortSignal;
}

async function fetchURL(url: string, context: FetchContext, redirects = 0): Promise<FetchedPicture> {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null || !/^https?:$/u.test(address.protocol)) return none("not an http(s) URL");
  if (!context.filter.allows(address.hostname.replace(/^\[|\]$/gu, ""))) return none("PRIVATE_ADDRESS");
  const { origin, pathname, search } = address;
  const options = { origin, path: pathname + search, method: "GET", signal: context.signal } as const;
  const { statusCode, headers, body } = await context.agent.request(options);
  const { location } = headers;
  if (statusCode === 200) return readPicture(body, context.limits.maxBytes);
  // A body that is destroyed before its end emits an error, which would end the process without a listener.
  body.on("error", () => undefined).destroy();
  if (statusCode < 300 || statusCode >= 400 || typeof location !== "string") return none(`HTTP ${statusCode}`);
  if (redirects === maxRedirects) return none("too many redirects");
  return fetchURL(new URL(location, address).href, context, redirects + 1);
}

async function readPicture(body: AsyncIterable<Buffer>, maxBytes: number): Promise<FetchedPicture> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return none(`over ${maxBytes} bytes`, "tooLarge");
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  if (!isPicture(content)) return none("neither PNG nor JPEG");
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

/** The code of an error without its message, which may hold the URL. */
function codeOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "fetch failed";
}

function none(detail: string, failure: FillFailure = "failed"): FetchedPicture {
  return { kind: "none", failure, detail };
}
