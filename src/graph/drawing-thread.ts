// Draws graphs on a thread, one at a time. The thread starts with the first graph: it takes up to 100 MB, most of them for the
// compiled WebAssembly. It ends soon after the last one, and when a digest needs the memory.

import { extname, join } from "node:path";
import { QuestionThread, type ThreadLimits } from "../threads/question-thread.ts";
import type { DrawingSetup } from "./drawing-worker.ts";
import type { GraphContent } from "./graph-content.ts";

// `.ts` when run from source, `.js` when built.
const file = new URL(`drawing-worker${extname(import.meta.filename)}`, import.meta.url);

/** Made by scripts/make-font.ts. */
const builtInFont = join(import.meta.dirname, "..", "..", "fonts", "NotoSansSC-gb2312.ttf");

/** A graph takes a tenth of a second. A message without its graph is complete, so nothing is tried again. */
const usualLimits: Partial<ThreadLimits> = { answerMs: 5_000, idleMs: 10_000, heapMegabytes: 24 };

export type DrawnGraph =
  | { readonly kind: "drawn"; readonly png: Uint8Array }
  | { readonly kind: "failed"; readonly message: string };

export class DrawingThread {
  readonly #thread: QuestionThread<GraphContent, Uint8Array>;

  /** `fontFile`: TrueType or OpenType; null for the built-in one. */
  constructor(fontFile: string | null, limits: Partial<ThreadLimits> = {}) {
    const setup: DrawingSetup = { fontFile: fontFile ?? builtInFont };
    this.#thread = new QuestionThread({ file, setup }, { ...usualLimits, ...limits });
  }

  get isRunning(): boolean {
    return this.#thread.isRunning;
  }

  /** A PNG of 1068×640, under 100 KB. Never rejects: also a thread that dies is only a graph that failed. */
  async draw(content: GraphContent): Promise<DrawnGraph> {
    try {
      return { kind: "drawn", png: await this.#thread.ask(content) };
    } catch (cause) {
      return { kind: "failed", message: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  /** When a digest begins: its rendering needs the memory more. The next graph starts another thread. */
  endWhenIdle(): void {
    this.#thread.endWhenIdle();
  }

  /** Graphs that are being drawn fail at once. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
