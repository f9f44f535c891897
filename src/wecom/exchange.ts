// One request and its answer, with undici's callbacks. A promise of undici does not say whether a request had begun to leave when it
// failed; this does. Only the first outcome counts, and a request that failed before it left never leaves later.

import type { Dispatcher } from "undici";
import type { Reply } from "./verdict.ts";

/** The answer of a robot has about 200 bytes; the page of a proxy may have any size. */
const answerMaxBytes = 8 * 1024;

/** Other conditions of a request. */
export interface RequestGuard {
  /** Called just before the first byte is sent on an open connection: if it returns false, the request fails before it left (WITHHELD). */
  readonly mayLeave: () => boolean;
  /** Aborts the request, which then fails with GIVEN_UP; null for none. */
  readonly givenUp: AbortSignal | null;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly reply: Promise<Reply>;
  readonly #guard: RequestGuard;
  readonly #giveUp = () => this.#fail("GIVEN_UP");
  #resolve: (reply: Reply) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #status = 0;
  #keptBytes = 0;
  readonly #kept: Buffer[] = [];

  constructor(timeoutMs: number, guard: RequestGuard) {
    this.#guard = guard;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.reply = promise;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#fail("DEADLINE_TIMEOUT"), timeoutMs);
    guard.givenUp?.addEventListener("abort", this.#giveUp);
  }

  begin(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): void {
    try {
      dispatcher.dispatch(options, this);
    } catch (error) {
      this.#fail(codeOf(error));
    }
  }

  /** Called when a connection is open, before anything is written to it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#over && !this.#guard.mayLeave()) this.#fail("WITHHELD");
    if (this.#over) controller.abort(new Error("failed before it left"));
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#kept.push(chunk.subarray(0, answerMaxBytes - this.#keptBytes));
    this.#keptBytes += chunk.length;
    if (this.#keptBytes >= answerMaxBytes) this.#answer();
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(codeOf(error));
  }

  #answer(): void {
    this.#end({ kind: "answered", status: this.#status, body: Buffer.concat(this.#kept).toString("utf8") });
  }

  #fail(code: string): void {
    this.#end({ kind: "failed", stage: this.#controller === null ? "before" : "after", code });
  }

  #end(reply: Reply): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#guard.givenUp?.removeEventListener("abort", this.#giveUp);
    this.#resolve(reply);
    // After the end of an answer this does nothing; before its end, it closes the socket.
    this.#controller?.abort(new Error("the outcome is known"));
  }
}

/** The code of an error without its message, which may hold the address and so the key. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  const refused = /^Proxy response \((\d{3})\)/.exec(error.message);
  if (refused) return `PROXY_REFUSED_${refused[1]}`;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^\w{1,60}$/.test(code) ? code : "UNKNOWN";
}
