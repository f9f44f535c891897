// One request and its answer, told by undici step by step. It knows what a promise of undici's would not say: whether the
// request had begun to leave when it failed. The first outcome counts; a request that was given up before it left never leaves.

import type { Dispatcher } from "undici";
import type { Reply } from "./verdict.ts";

/** A robot's answer has some 200 bytes; a proxy's page may have any number. */
const answerMaxBytes = 8 * 1024;

export class Exchange implements Dispatcher.DispatchHandler {
  readonly reply: Promise<Reply>;
  readonly #mayLeave: () => boolean;
  #resolve: (reply: Reply) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #status = 0;
  #keptBytes = 0;
  readonly #kept: Buffer[] = [];

  /** `mayLeave` is asked in the last instant before the first byte goes. */
  constructor(timeoutMs: number, mayLeave: () => boolean) {
    this.#mayLeave = mayLeave;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.reply = promise;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#fail("DEADLINE_TIMEOUT"), timeoutMs);
  }

  begin(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): void {
    try {
      dispatcher.dispatch(options, this);
    } catch (error) {
      this.#fail(codeOf(error));
    }
  }

  /** Called when a connection stands and the next step writes to it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#over && !this.#mayLeave()) this.#fail("WITHHELD");
    if (this.#over) controller.abort(new Error("given up before it left"));
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
    this.#resolve(reply);
    // Of an answer that has ended this is nothing; of one that has not, it closes the socket.
    this.#controller?.abort(new Error("enough"));
  }
}

/** Names the fault without its text: an error's message may hold the address, and the address holds the key. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  const refused = /^Proxy response \((\d{3})\)/.exec(error.message);
  if (refused) return `PROXY_REFUSED_${refused[1]}`;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^\w{1,60}$/.test(code) ? code : "UNKNOWN";
}
