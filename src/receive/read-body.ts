// Reads and decompresses the body of a request. Bytes are counted while they are read, against the limit of one body and against
// the limit of all bodies together, so that neither a compression bomb nor many requests can exhaust the memory.

import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { errorResponse, type JsonResponse } from "./json-response.ts";

export type BodyReading =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "rejected"; readonly response: JsonResponse };

export interface ReadBodyOptions {
  /** After decompression. */
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

export interface BodyBudget {
  /** Takes the bytes of one more chunk. False, and takes nothing, when the pool is full; a body alone in it always fits. */
  take(bytes: number): boolean;
  /** Returns all bytes that were taken. */
  release(): void;
}

/** How many bytes of bodies may be held at once: one pool for a receiver, one budget for each request that is read or stored. */
export function createBodyPool(maxBytes: number): () => BodyBudget {
  let held = 0;
  return () => {
    let own = 0;
    return {
      take(bytes) {
        const isAlone = held === own;
        if (held + bytes > maxBytes && !isAlone) return false;
        held += bytes;
        own += bytes;
        return true;
      },
      release() {
        held -= own;
        own = 0;
      },
    };
  };
}

/** Each chunk costs a turn of the event loop, and a busy loop has few turns: a bomb of 10 MB takes 160. */
const chunks = { chunkSize: 64 * 1024 };

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(chunks),
  "x-gzip": () => createGunzip(chunks),
  deflate: () => createInflate(chunks),
  br: () => createBrotliDecompress(chunks),
};

/** The connection stays usable, also after a rejection: the rest of the body is read and dropped. */
export async function readBody(req: IncomingMessage, options: ReadBodyOptions): Promise<BodyReading> {
  const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (decoder === undefined && encoding !== "identity") {
    const message = "unknown Content-Encoding; use gzip, deflate or br, or send the body uncompressed";
    return rejected(415, "unknown_encoding", message);
  }
  if (decoder === undefined && Number(req.headers["content-length"]) > options.maxBytes)
    return tooLarge(options.maxBytes);
  const source = decoder === undefined ? req : decompressed(req, decoder());
  try {
    return await collect(source, options);
  } catch (error) {
    return brokenBody(error);
  } finally {
    if (source !== req) source.destroy();
    req.unpipe().resume();
  }
}

function decompressed(req: IncomingMessage, decoder: Transform): Transform {
  req.once("error", (error) => decoder.destroy(error));
  return req.pipe(decoder);
}

/** With events: a stream's iterator costs more than everything else here. */
function collect(source: Readable, { maxBytes, budget }: ReadBodyOptions): Promise<BodyReading> {
  const { promise, resolve, reject } = Promise.withResolvers<BodyReading>();
  const read: Uint8Array[] = [];
  let bytes = 0;
  const onData = (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > maxBytes) stop(tooLarge(maxBytes));
    else if (!budget.take(chunk.length)) stop(tooManyBodies);
    else read.push(chunk);
  };
  // Later chunks are dropped and no longer counted against the budget.
  const stop = (reading: BodyReading) => {
    source.off("data", onData);
    resolve(reading);
  };
  source.on("data", onData);
  source.once("end", () => resolve({ kind: "bytes", bytes: Buffer.concat(read, bytes) }));
  source.once("error", reject);
  source.once("close", () => {
    if (!source.readableEnded) reject(new Error("closed before its end"));
  });
  return promise;
}

function rejected(status: 400 | 413 | 415 | 503, error: string, message: string): BodyReading {
  return { kind: "rejected", response: errorResponse(status, error, message) };
}

const tooManyBodies = rejected(
  503,
  "unavailable",
  "too many bodies are being read and nothing was stored; send again later",
);

function tooLarge(maxBytes: number): BodyReading {
  const message = `the decompressed body is over ${maxBytes} bytes; lower max_alerts at the sender, or raise the limit`;
  return rejected(413, "body_too_large", message);
}

/** Errors of zlib have their own codes; any other is an error of the connection. */
function brokenBody(error: unknown): BodyReading {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" && /^(Z_|ERR_BROTLI|ERR__ERROR_)/.test(code)) {
    const message = "the body does not match its Content-Encoding; check sender and proxies";
    return rejected(400, "broken_encoding", message);
  }
  const message = "the body is shorter than its announced length; check network and proxies";
  return rejected(400, "body_incomplete", message);
}
