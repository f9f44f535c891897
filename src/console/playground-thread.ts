// Renders what is typed into the playground on a thread of its own, one at a time, with limits: no template can delay an alert.

import { extname } from "node:path";
import { QuestionThread } from "../threads/question-thread.ts";
import type { PlaygroundAnswer, PlaygroundQuestion, PlaygroundSetup } from "./playground-worker.ts";

// `.ts` when run from source, `.js` when built.
const file = new URL(`playground-worker${extname(import.meta.filename)}`, import.meta.url);

const limits = { answerMs: 1_000, heapMegabytes: 64 };

/** Who comes when so many wait is asked to try again. */
const mostWaiting = 5;

export type PlaygroundResult =
  | PlaygroundAnswer
  /** It took too long or too much memory. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "busy" };

export class PlaygroundThread {
  readonly #thread: QuestionThread<PlaygroundQuestion, PlaygroundAnswer>;
  #waiting = 0;

  constructor(setup: PlaygroundSetup) {
    this.#thread = new QuestionThread({ file, setup }, limits);
  }

  async render(question: PlaygroundQuestion): Promise<PlaygroundResult> {
    if (this.#waiting >= mostWaiting) return { kind: "busy" };
    this.#waiting += 1;
    try {
      return await this.#thread.ask(question);
    } catch (cause) {
      return { kind: "failed", message: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      this.#waiting -= 1;
    }
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
