// Shell: whether a password belongs to a bcrypt hash. Asks a thread, remembers the answers under a keyed hash that dies with the
// process, and refuses when too many wait, so that guessing costs the guesser more than us. Reveals the hash to the thread.

import { createHmac, randomBytes } from "node:crypto";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { PasswordCredential } from "../config/credential.ts";
import type { VerifyPassword } from "./auth.ts";
import type { PasswordAnswer, PasswordQuestion } from "./password-worker.ts";

export interface Passwords {
  readonly verify: VerifyPassword;
  close(): Promise<void>;
}

/** Thrown when so many comparisons wait that one more would take seconds. The sender should try again. */
export class PasswordsBusy extends Error {
  readonly code = "passwords_busy";
}

/** About two seconds of work at cost 10. */
const maxWaiting = 20;

/** Right and wrong ones apart, so that guesses do not push out who belongs here. */
const maxRemembered = 500;

export function createPasswords(): Passwords {
  const thread = new PasswordThread();
  const secret = randomBytes(32);
  const right = new Set<string>();
  const wrong = new Set<string>();
  const asked = new Map<string, Promise<boolean>>();

  const ask = async (id: string, password: string, hash: string): Promise<boolean> => {
    const isRight = await thread.compare(password, hash);
    remember(isRight ? right : wrong, id);
    return isRight;
  };

  return {
    verify(password, { passwordHash }: PasswordCredential) {
      const hash = passwordHash.reveal();
      const id = createHmac("sha256", secret).update(`${hash}\0${password}`).digest("base64");
      if (right.has(id)) return Promise.resolve(true);
      if (wrong.has(id)) return Promise.resolve(false);
      const answer = asked.get(id) ?? ask(id, password, hash).finally(() => asked.delete(id));
      asked.set(id, answer);
      return answer;
    },
    close: () => thread.close(),
  };
}

function remember(ids: Set<string>, id: string): void {
  const [oldest] = ids;
  if (ids.size >= maxRemembered && oldest !== undefined) ids.delete(oldest);
  ids.add(id);
}

/** Started with the first question; it does not keep the process alive. A thread that dies fails its questions and is replaced. */
class PasswordThread {
  #worker: Worker | null = null;
  #nextId = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>();

  compare(password: string, hash: string): Promise<boolean> {
    if (this.#waiting.size >= maxWaiting) {
      return Promise.reject(new PasswordsBusy("too many passwords wait to be compared"));
    }
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    const answer = Promise.withResolvers<boolean>();
    this.#waiting.set(id, answer);
    this.#worker.postMessage({ id, password, hash } satisfies PasswordQuestion);
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // `.ts` when run from source, `.js` when built.
    const worker = new Worker(new URL(`password-worker${extname(import.meta.filename)}`, import.meta.url));
    worker.unref();
    worker.on("message", ({ id, right }: PasswordAnswer) => {
      this.#waiting.get(id)?.resolve(right);
      this.#waiting.delete(id);
    });
    const failed = (cause: unknown) => {
      this.#worker = null;
      for (const answer of this.#waiting.values()) answer.reject(new Error("the password thread ended", { cause }));
      this.#waiting.clear();
    };
    worker.on("error", failed);
    worker.on("exit", failed);
    return worker;
  }
}
