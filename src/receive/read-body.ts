// Reads a body, then decompresses it. Bytes are counted as they come, against the limit of one body and in the pool of all bodies, so
// that neither a compression bomb nor many requests can exhaust the memory. A compressed body that does not end holds what was sent
// of it and nothing more.

import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { PooledBody } from "./body-pool.ts";
import { errorResponse, type JsonResponse } from "./json-response.ts";

export type BodyReading =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "rejected"; readonly response: JsonResponse };

export interface ReadBodyOptions {
  /** Before and after decompression. */
  readonly maxBytes: number;
  readonly pooled: PooledBody;
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
  const createDecoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (createDecoder === undefined && encoding !== "identity") {
    const message = "unknown Content-Encoding; use gzip, deflate or br, or send the body uncompressed";
    return rejected(415, "unknown_encoding", message);
  }
  if (Number(req.headers["content-length"]) > options.maxBytes) return tooLarge(options.maxBytes);
  try {
    const sent = await collect(req, options);
    options.pooled.arrived();
    return sent.kind === "rejected" || createDecoder === undefined
      ? sent
      : await decompress(sent.bytes, createDecoder(), options);
  } catch {
    const message = "the body is shorter than its announced length; check network and proxies";
    return rejected(400, "body_incomplete", message);
  } finally {
    req.resume();
  }
}

async function decompress(bytes: Uint8Array, decoder: Transform, options: ReadBodyOptions): Promise<BodyReading> {
  decoder.end(bytes);
  try {
    return await collect(decoder, options);
  } catch {
    const message = "the body does not match its Content-Encoding; check sender and proxies";
    return rejected(400, "broken_encoding", message);
  } finally {
    decoder.destroy();
  }
}

/** With events: a stream's iterator costs more than everything else here. */
function collect(source: Readable, { maxBytes, pooled }: ReadBodyOptions): Promise<BodyReading> {
  const { promise, resolve, reject } = Promise.withResolvers<BodyReading>();
  let read = Buffer.alloc(0);
  let bytes = 0;
  const onData = (chunk: Uint8Array) => {
    if (bytes + chunk.length > maxBytes) return stop(tooLarge(maxBytes));
    if (!pooled.take(chunk.length)) return stop(tooManyBodies);
    read = withRoom(read, bytes, bytes + chunk.length);
    read.set(chunk, bytes);
    bytes += chunk.length;
  };
  // Later chunks are dropped and no longer counted.
  const stop = (reading: BodyReading) => {
    source.off("data", onData);
    resolve(reading);
  };
  source.on("data", onData);
  source.once("end", () => resolve({ kind: "bytes", bytes: read.subarray(0, bytes) }));
  source.once("error", reject);
  source.once("close", () => {
    if (!source.readableEnded) reject(new Error("closed before its end"));
  });
  return promise;
}

/**
 * A sender chooses the size of the chunks: kept one by one, those of one byte would take two hundred times their length. What is
 * outgrown is returned at once: until the next collection, a body of 9 MB would take 25 MB.
 */
function withRoom(read: Buffer<ArrayBuffer>, used: number, needed: number): Buffer<ArrayBuffer> {
  if (needed <= read.length) return read;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * read.length));
  larger.set(read.subarray(0, used));
  read.buffer.transfer(0);
  return larger;
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
