import type { Response } from "express";

const sharedForMs = 1_000;

/**
 * A response that nobody reads keeps its text in memory. While there is one, the others get the same text, made at most once a
 * second: a hundred connections that do not read then hold a few texts, not a hundred.
 */
export function sharedText(make: () => Promise<string>): (reader: Response) => Promise<Buffer> {
  const readers = new Set<Response>();
  let shared: { readonly text: Promise<Buffer>; readonly madeAt: number } | undefined;
  return (reader) => {
    if (shared === undefined || readers.size === 0 || performance.now() - shared.madeAt >= sharedForMs) {
      shared = { text: make().then((text) => Buffer.from(text)), madeAt: performance.now() };
    }
    if (!reader.closed) readers.add(reader);
    reader.once("close", () => readers.delete(reader));
    return shared.text;
  };
}
