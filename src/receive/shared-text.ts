import type { Response } from "express";

const sharedForMs = 1_000;

/** Texts a second. One takes milliseconds to make, and a few connections may ask for thousands. */
const mostMade = 20;

/**
 * A response that nobody reads keeps its text in memory. While there is one, or many ask, all get the same text, made at most once a
 * second: a hundred connections that do not read then hold a few texts, not a hundred.
 */
export function sharedText(make: () => Promise<string>): (reader: Response) => Promise<Buffer> {
  const readers = new Set<Response>();
  let shared: { readonly text: Promise<Buffer>; readonly madeAt: number } | undefined;
  let second = { startedAt: Number.NEGATIVE_INFINITY, made: 0 };
  return (reader) => {
    const now = performance.now();
    if (now - second.startedAt >= sharedForMs) second = { startedAt: now, made: 0 };
    const isShared = readers.size > 0 || second.made >= mostMade;
    if (shared === undefined || !isShared || now - shared.madeAt >= sharedForMs) {
      second.made += 1;
      shared = { text: make().then((text) => Buffer.from(text)), madeAt: now };
    }
    if (!reader.closed) readers.add(reader);
    reader.once("close", () => readers.delete(reader));
    return shared.text;
  };
}
