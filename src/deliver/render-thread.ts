// Renders deliveries on a thread, one at a time. A delivery that ends the thread, or takes longer than its limit, is rendered once
// more without templates.

import { extname } from "node:path";
import { QuestionThread, ThreadClosed, type ThreadLimits } from "../threads/question-thread.ts";
import type { RenderQuestion, RenderThreadSetup } from "./render-worker.ts";
import type { RenderedRequest, RenderRequest } from "./renderer.ts";

// `.ts` when run from source, `.js` when built.
const file = new URL(`render-worker${extname(import.meta.filename)}`, import.meta.url);

export class RenderThread {
  readonly #thread: QuestionThread<RenderQuestion, RenderedRequest>;

  /** The default limit of a minute is some thirty times what the largest delivery takes; templates may have nested loops. */
  constructor(setup: RenderThreadSetup, limits: Partial<ThreadLimits> = {}) {
    this.#thread = new QuestionThread({ file, setup }, limits);
  }

  get isRunning(): boolean {
    return this.#thread.isRunning;
  }

  /** Rejects with ThreadClosed when the thread is closed meanwhile: nothing has happened, the delivery is planned again at the next start. */
  async render(request: RenderRequest): Promise<RenderedRequest> {
    try {
      return await this.#thread.ask({ request, withTemplates: true });
    } catch (cause) {
      if (cause instanceof ThreadClosed) throw cause;
      return await this.#renderPlainly(request, cause instanceof Error ? cause.message : String(cause));
    }
  }

  /** Does not wait for deliveries that are being rendered. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  async #renderPlainly(request: RenderRequest, failure: string): Promise<RenderedRequest> {
    const rendered = await this.#thread.ask({ request, withTemplates: false }).catch((cause: unknown) => {
      throw cause instanceof ThreadClosed ? cause : new Error("a delivery could not be rendered", { cause });
    });
    return { ...rendered, templateFailures: rendered.templateFailures.map((one) => ({ ...one, message: failure })) };
  }
}
