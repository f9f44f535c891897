// Shell: a request's body as bytes, decompressed, or what is wrong with it. Counts while it reads, against the limit of one body
// and against what all bodies may hold together, so that neither a bomb nor a crowd can take the memory.

import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type Answer, refusal } from "./answer.ts";
import type { BodyBudget } from "./body-budget.ts";

export type ReadBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly answer: Answer };

export interface ReadBodyOptions {
  /** After decompression. */
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

/** A chunk is a turn of the loop, and a loop that others keep busy gives few of them: a bomb of 10 MB takes 160. */
const chunks = { chunkSize: 64 * 1024 };

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(chunks),
  "x-gzip": () => createGunzip(chunks),
  deflate: () => createInflate(chunks),
  br: () => createBrotliDecompress(chunks),
};

/** Refused or not, the connection stays usable: what is left of the body is read and dropped. */
export async function readBody(req: IncomingMessage, options: ReadBodyOptions): Promise<ReadBody> {
  const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (decoder === undefined && encoding !== "identity") {
    return refused(refusal(415, "unknown_encoding", "Content-Encoding may be gzip, deflate, br or absent"));
  }
  if (decoder === undefined && Number(req.headers["content-length"]) > options.maxBytes) {
    return refused(tooLarge(options.maxBytes));
  }
  const source = decoder === undefined ? req : decoded(req, decoder());
  try {
    return await collect(source, options);
  } catch (error) {
    return refused(brokenBody(error));
  } finally {
    if (source !== req) source.destroy();
    req.unpipe().resume();
  }
}

function decoded(req: IncomingMessage, decoder: Transform): Transform {
  req.once("error", (error) => decoder.destroy(error));
  return req.pipe(decoder);
}

/** By events: a stream's iterator costs more than all else that is done here. */
function collect(source: Readable, { maxBytes, budget }: ReadBodyOptions): Promise<ReadBody> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadBody>();
  const read: Uint8Array[] = [];
  let bytes = 0;
  const take = (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > maxBytes) refuse(tooLarge(maxBytes));
    else if (!budget.take(chunk.length)) refuse(crowded);
    else read.push(chunk);
  };
  // What still comes is dropped, and no more counted against the budget.
  const refuse = (answer: Answer) => {
    source.off("data", take);
    resolve(refused(answer));
  };
  source.on("data", take);
  source.once("end", () => resolve({ kind: "bytes", bytes: Buffer.concat(read, bytes) }));
  source.once("error", reject);
  source.once("close", () => {
    if (!source.readableEnded) reject(new Error("closed before its end"));
  });
  return promise;
}

const crowded = refusal(503, "unavailable", "too many bodies are being read at once; nothing was stored, send again");

function tooLarge(maxBytes: number): Answer {
  return refusal(413, "body_too_large", `the body, decompressed, is over the limit of ${maxBytes} bytes`);
}

/** zlib's faults have codes of its own; any other is the connection's. */
function brokenBody(error: unknown): Answer {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^(Z_|ERR_BROTLI|ERR__ERROR_)/.test(code)
    ? refusal(400, "broken_encoding", "the body is not what its Content-Encoding says")
    : refusal(400, "body_incomplete", "the body ended before its announced length");
}

function refused(answer: Answer): ReadBody {
  return { kind: "refused", answer };
}
