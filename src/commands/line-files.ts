// A file, stdin or stdout as lines, with no more than a chunk of it in memory. `-` is stdin or stdout.

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

export interface LineSink {
  /** Resolves when there is room for more. */
  write(line: string): Promise<void>;
  /** The lines are on disk, or with the reader. */
  finish(): Promise<void>;
  /** Nothing is left of them in a file. */
  abandon(): Promise<void>;
}

/** A file must be new: what an older one holds may be all there is. Only its owner reads it. */
export function linesInto(path: string): LineSink {
  if (path === "-") return { ...sinkOf(process.stdout), finish: async () => {}, abandon: async () => {} };
  const stream = createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });
  const opened = once(stream, "open");
  opened.catch(() => {});
  return {
    ...sinkOf(stream),
    async finish() {
      stream.end();
      await finished(stream);
    },
    async abandon() {
      const ours = await opened.then(
        () => true,
        () => false,
      );
      stream.destroy();
      if (ours) await rm(path, { force: true });
    },
  };
}

function sinkOf(stream: Writable): Pick<LineSink, "write"> {
  let failure: Error | null = null;
  stream.on("error", (cause) => {
    failure = cause;
  });
  return {
    async write(line) {
      if (failure !== null) throw failure;
      if (!stream.write(`${line}\n`)) await once(stream, "drain");
    },
  };
}

/** A last line without an end counts. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = path === "-" ? process.stdin : createReadStream(path);
  const decoder = new TextDecoder();
  /** Pieces of a line that is not whole yet: joined once, however long it gets. */
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...others] = decoder.decode(chunk as Uint8Array, { stream: true }).split("\n");
    pieces.push(first);
    for (const other of others) {
      yield pieces.join("");
      pieces = [other];
    }
  }
  const rest = pieces.join("") + decoder.decode();
  if (rest !== "") yield rest;
}
