import type { WorkListener, WorkOrigin } from "./store.ts";

export class WorkListeners {
  readonly #listeners = new Set<WorkListener>();
  readonly #failed: (cause: unknown) => void;

  constructor(failed: (cause: unknown) => void) {
    this.#failed = failed;
  }

  add(listener: WorkListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The rows are on disk: an error of a listener must not make the call fail. */
  emit(bots: readonly string[], origin: WorkOrigin): void {
    for (const listener of this.#listeners) {
      try {
        listener(bots, origin);
      } catch (cause) {
        this.#failed(cause);
      }
    }
  }
}
