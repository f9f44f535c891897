// Renders deliveries on a thread, one at a time. A delivery that ends the thread, or takes longer than its limit, is rendered once
// more without templates.

import { extname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DeliveredState } from "../domain/instance.ts";
import { identitiesIn } from "../domain/notification.ts";
import { QuestionThread, ThreadClosed, type ThreadLimits } from "../threads/question-thread.ts";
import type { RenderQuestion, RenderThreadSetup } from "./render-worker.ts";
import type { RenderedRequest, RenderRequest } from "./renderer.ts";

// `.ts` when run from source, `.js` when built.
const file = new URL(`render-worker${extname(import.meta.filename)}`, import.meta.url);

/** A request is copied for the thread: without the states of the bot's other alerts. */
export function withOwnStates(request: RenderRequest): RenderRequest {
  if (request.delivered.size === 0) return request;
  const identities = new Set(request.groups.flat().flatMap(({ body }) => identitiesIn(body)));
  const delivered = new Map<string, Map<string, readonly DeliveredState[]>>();
  for (const [destination, states] of request.delivered) {
    const own = [...identities].flatMap((identity) => {
      const known = states.get(identity);
      return known === undefined ? [] : [[identity, known] as const];
    });
    delivered.set(destination, new Map(own));
  }
  return { ...request, delivered };
}

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
  async render(given: RenderRequest): Promise<RenderedRequest> {
    const request = withOwnStates(given);
    try {
      const rendered = await this.#thread.ask({ request, withTemplates: true });
      // Copying a large answer blocks the event loop, and so does storing it: other work comes between.
      await nextTurn();
      return rendered;
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
