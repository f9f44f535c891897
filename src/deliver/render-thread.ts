// Deliveries put into words on a thread, one at a time. A delivery that ends the thread, or keeps it for longer than anybody
// may wait, is told once more without templates.

import { extname } from "node:path";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import { QuestionThread, ThreadClosed, type ThreadLimits } from "../threads/question-thread.ts";
import type { RenderedDelivery } from "./lane-options.ts";
import { RenderAbandoned } from "./render-abandoned.ts";
import type { RenderRequest, ThreadSetup } from "./render-worker.ts";

// `.ts` when run from source, `.js` when built.
const file = new URL(`render-worker${extname(import.meta.filename)}`, import.meta.url);

export class RenderThread {
  readonly #thread: QuestionThread<RenderRequest, RenderedDelivery>;

  /** The limit of a minute is some thirty times what the largest telling takes; templates may have loops within loops. */
  constructor(setup: ThreadSetup, limits: Partial<ThreadLimits> = {}) {
    this.#thread = new QuestionThread({ file, setup }, limits);
  }

  get isRunning(): boolean {
    return this.#thread.isRunning;
  }

  /** `at`: the instant that people read as now, epoch ms. */
  async render(waiting: QueuedDelivery, at: number): Promise<RenderedDelivery> {
    try {
      return await this.#thread.ask({ waiting, at, plainly: false });
    } catch (first) {
      if (first instanceof ThreadClosed) throw new RenderAbandoned("the service stops");
      return await this.#renderPlainly(waiting, at, first instanceof Error ? first.message : String(first));
    }
  }

  /** What is not in words yet is abandoned. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  async #renderPlainly(waiting: QueuedDelivery, at: number, failure: string): Promise<RenderedDelivery> {
    try {
      const rendered = await this.#thread.ask({ waiting, at, plainly: true });
      const templateFailures = rendered.templateFailures.map((one) => ({ ...one, message: failure }));
      return { ...rendered, templateFailures };
    } catch (cause) {
      if (cause instanceof ThreadClosed) throw new RenderAbandoned("the service stops");
      throw new Error("a delivery could not be rendered", { cause });
    }
  }
}
