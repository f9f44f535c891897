// Shell: deliveries put into words on a thread, one at a time. A delivery that ends the thread, or keeps it for longer than anybody
// may wait, is told once more without templates; what waits behind it is asked of the next thread.

import { extname } from "node:path";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import type { RenderedDelivery } from "../deliver/lane-options.ts";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import { RenderAbandoned } from "./render-abandoned.ts";
import type { RenderAnswer, RenderRequest, ThreadReady, ThreadSetup } from "./render-worker.ts";

/** Some thirty times what the largest delivery takes with the built-in templates. An operator's own may have loops within loops. */
const renderMaxMs = 60_000;

/** A window: whoever tells a storm is asked again before. */
const idleMs = 60_000;

type Outcome = RenderAnswer | { readonly kind: "ended"; readonly message: string };

/** V8's own limit for this process, which may be the lower one. */
const ownHeapMegabytes = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);

export interface ThreadLimits {
  /** For one delivery. */
  readonly renderMaxMs: number;
  /** How long a thread is kept that nobody asks. */
  readonly idleMs: number;
  /** Beyond it the thread ends, not the process. */
  readonly heapMegabytes: number;
}

export class RenderThread {
  readonly #setup: ThreadSetup;
  readonly #limits: ThreadLimits;
  /** Null while nobody needs one: it takes 30 MB, and a tenth of a second to start. */
  #worker: Worker | null = null;
  #ready: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;
  #asked: ((outcome: Outcome) => void) | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(setup: ThreadSetup, limits: Partial<ThreadLimits> = {}) {
    this.#setup = setup;
    this.#limits = { renderMaxMs, idleMs, heapMegabytes: ownHeapMegabytes, ...limits };
  }

  /** `at`: the instant that people read as now, epoch ms. */
  render(waiting: QueuedDelivery, at: number): Promise<RenderedDelivery> {
    const delivery = this.#last.then(() => this.#render(waiting, at));
    this.#last = delivery.catch(() => undefined);
    return delivery;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** What is not in words yet is abandoned. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  async #render(waiting: QueuedDelivery, at: number): Promise<RenderedDelivery> {
    const first = await this.#ask({ waiting, at, plainly: false });
    if (first.kind === "rendered") return first.rendered;
    const second = await this.#ask({ waiting, at, plainly: true });
    if (second.kind !== "rendered") throw new Error(`a delivery could not be rendered: ${second.message}`);
    const { templateFailures, ...rendered } = second.rendered;
    return { ...rendered, templateFailures: templateFailures.map((one) => ({ ...one, message: first.message })) };
  }

  async #ask(question: RenderRequest): Promise<Outcome> {
    if (this.#isClosed) throw new RenderAbandoned("the service stops");
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const outcome = Promise.withResolvers<Outcome>();
    this.#asked = outcome.resolve;
    worker.ref();
    worker.postMessage(question satisfies RenderRequest);
    // What a thread takes to start is not the delivery's fault.
    await Promise.race([this.#ready, outcome.promise]);
    const timer = setTimeout(() => {
      this.#ended(worker, `it took longer than ${this.#limits.renderMaxMs} ms`);
      void worker.terminate();
    }, this.#limits.renderMaxMs);
    const answered = await outcome.promise;
    clearTimeout(timer);
    worker.unref();
    if (this.#isClosed) throw new RenderAbandoned("the service stops");
    this.#idle = setTimeout(() => this.#rest(), this.#limits.idleMs).unref();
    return answered;
  }

  #start(): Worker {
    // `.ts` when run from source, `.js` when built.
    const file = new URL(`render-worker${extname(import.meta.filename)}`, import.meta.url);
    const resourceLimits = { maxOldGenerationSizeMb: Math.min(this.#limits.heapMegabytes, ownHeapMegabytes) };
    const worker = new Worker(file, { workerData: this.#setup, resourceLimits });
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    worker.on("message", (said: RenderAnswer | ThreadReady) =>
      said.kind === "ready" ? ready.resolve() : this.#asked?.(said),
    );
    worker.on("error", (cause) => this.#ended(worker, cause.message));
    worker.on("exit", (code) => this.#ended(worker, `the thread ended with ${code}`));
    return worker;
  }

  /** Said once of a thread; what it says afterwards counts no more. */
  #ended(worker: Worker, message: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#asked?.({ kind: "ended", message });
  }

  #rest(): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }
}
