// A worker thread that answers one question after the other, and the loop inside that thread.

import { getHeapStatistics } from "node:v8";
import { parentPort, Worker } from "node:worker_threads";

/** The thread ended or failed without an answer. The next question goes to a new thread. */
export class ThreadFailed extends Error {
  readonly code = "thread_failed";
}

/** The thread was closed before the question was answered. */
export class ThreadClosed extends Error {
  readonly code = "thread_closed";
}

export interface ThreadLimits {
  /** Time limit for its start; a thread that takes longer is ended. */
  readonly startMs: number;
  /** As `startMs`, for one answer. */
  readonly answerMs: number;
  /** How long an unused thread is kept. */
  readonly idleMs: number;
  /** When a thread needs more, it ends and the process does not. */
  readonly heapMegabytes: number;
}

/** V8's own limit for this process, which may be the lower one. */
const ownHeapMegabytes = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);

const defaultLimits: ThreadLimits = {
  startMs: 60_000,
  answerMs: 60_000,
  idleMs: 60_000,
  heapMegabytes: ownHeapMegabytes,
};

interface ThreadSource {
  /** The file of the thread; it calls `answerQuestions`. */
  readonly file: URL;
  /** What the thread gets as its `workerData`. */
  readonly setup: unknown;
}

type ThreadMessage<Answer> =
  | { readonly kind: "ready" }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly message: string };

export class QuestionThread<Question, Answer> {
  readonly #source: ThreadSource;
  readonly #limits: ThreadLimits;
  /** Null while there is nothing to do: a thread takes 30 MB, and a tenth of a second to start. */
  #worker: Worker | null = null;
  #ready: Promise<void> = Promise.resolve();
  #asked: PromiseWithResolvers<Answer> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #openQuestions = 0;
  #endsWhenIdle = false;
  #isClosed = false;

  constructor(source: ThreadSource, limits: Partial<ThreadLimits> = {}) {
    this.#source = source;
    this.#limits = { ...defaultLimits, ...limits };
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Rejects with ThreadFailed or ThreadClosed. The process stays alive while a question is open. */
  ask(question: Question): Promise<Answer> {
    this.#openQuestions += 1;
    const answer = this.#last.then(() => this.#ask(question)).finally(() => this.#rest());
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the thread as soon as no question is open. The next question starts another one. */
  endWhenIdle(): void {
    this.#endsWhenIdle = this.#openQuestions > 0;
    if (!this.#endsWhenIdle && this.#worker !== null) this.#end(this.#worker, null);
  }

  /** Open questions are rejected at once; resolves when the thread has ended. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#isClosed = true;
    clearTimeout(this.#idle);
    if (worker !== null) this.#end(worker, new ThreadClosed("the thread was closed"));
    await worker?.terminate();
  }

  async #ask(question: Question): Promise<Answer> {
    if (this.#isClosed) throw new ThreadClosed("the thread was closed");
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const asked = Promise.withResolvers<Answer>();
    this.#asked = asked;
    worker.ref();
    worker.postMessage(question);
    const { startMs, answerMs } = this.#limits;
    let timer = this.#endAfter(startMs, worker, `it took longer than ${startMs} ms to start`);
    try {
      await Promise.race([this.#ready, asked.promise]);
      clearTimeout(timer);
      timer = this.#endAfter(answerMs, worker, `it took longer than ${answerMs} ms`);
      return await asked.promise;
    } finally {
      clearTimeout(timer);
      worker.unref();
    }
  }

  #endAfter(limitMs: number, worker: Worker, reason: string): NodeJS.Timeout {
    return setTimeout(() => this.#end(worker, new ThreadFailed(reason)), limitMs);
  }

  /** After each question. */
  #rest(): void {
    this.#openQuestions -= 1;
    const worker = this.#worker;
    if (worker === null || this.#isClosed || this.#openQuestions > 0) return;
    if (this.#endsWhenIdle) this.endWhenIdle();
    else this.#idle = setTimeout(() => this.#end(worker, null), this.#limits.idleMs).unref();
  }

  #start(): Worker {
    const { file, setup } = this.#source;
    const resourceLimits = { maxOldGenerationSizeMb: Math.min(this.#limits.heapMegabytes, ownHeapMegabytes) };
    const worker = new Worker(file, { workerData: setup, resourceLimits });
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    worker.on("message", (message: ThreadMessage<Answer>) => {
      // What a thread sent before it was ended may arrive when the next one is asked.
      if (this.#worker !== worker) return;
      if (message.kind === "ready") ready.resolve();
      else if (message.kind === "answered") this.#asked?.resolve(message.answer);
      else this.#asked?.reject(new ThreadFailed(message.message));
    });
    worker.on("error", (cause) => this.#end(worker, new ThreadFailed(cause.message, { cause })));
    worker.on("exit", (code) => this.#end(worker, new ThreadFailed(`the thread ended with ${code}`)));
    return worker;
  }

  /** Only the first end of a thread counts: its exit comes later, when the next thread may be at work. */
  #end(worker: Worker, cause: Error | null): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (cause !== null) this.#asked?.reject(cause);
    void worker.terminate();
  }
}

/** Inside the thread, once it is ready: answers every question. An error of `answer` fails that question only. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer): void {
  const send = (message: ThreadMessage<Answer>) => parentPort?.postMessage(message);
  parentPort?.on("message", (question: Question) => {
    try {
      send({ kind: "answered", answer: answer(question) });
    } catch (error) {
      send({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  send({ kind: "ready" });
}
