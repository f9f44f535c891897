// Bodies of waiting notifications: deflated on disk, and as text in memory while there is room, since most are rendered a moment after
// they were accepted.

import { promisify } from "node:util";
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from "node:zlib";

/** zlib works on 1 MB in about 10 ms; larger bodies are left to its thread. */
const inlineBytes = 256 * 1024;

/** The lowest level, which halves an alert's JSON, and room for its output in one small piece: 18 µs, 38 with zlib's 16 kB. */
const options = { level: 1, chunkSize: 4_096 };

export async function deflated(text: string): Promise<Uint8Array> {
  const bytes = Buffer.from(text);
  return bytes.length > inlineBytes ? promisify(deflateRaw)(bytes, options) : deflateRawSync(bytes, options);
}

export async function inflated(body: Uint8Array): Promise<string> {
  const bytes = body.length > inlineBytes ? await promisify(inflateRaw)(body) : inflateRawSync(body);
  return bytes.toString();
}

/** By notification. What does not fit is not kept: it is read when it is needed. */
export class BodyCache {
  readonly #texts = new Map<number, string>();
  readonly #maxLength: number;
  #length = 0;

  /** @param maxLength of all texts together, in characters */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  keep(id: number, text: string): void {
    if (this.#length + text.length > this.#maxLength) return;
    this.#texts.set(id, text);
    this.#length += text.length;
  }

  /** Null when it is not kept. */
  get(id: number): string | null {
    return this.#texts.get(id) ?? null;
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) {
      this.#length -= this.#texts.get(id)?.length ?? 0;
      this.#texts.delete(id);
    }
  }
}
