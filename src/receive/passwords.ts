// Compares passwords with bcrypt hashes on a thread. Results are remembered under a keyed hash whose key lives only in this process.
// When too many comparisons are waiting, the next is rejected, so that guessing costs the client more than us.

import { createHmac, randomBytes } from "node:crypto";
import { extname } from "node:path";
import type { PasswordCredential } from "../config/config.ts";
import { QuestionThread } from "../threads/question-thread.ts";
import type { VerifyPassword } from "./auth.ts";
import type { PasswordQuestion } from "./password-worker.ts";

export interface Passwords {
  readonly verify: VerifyPassword;
  close(): Promise<void>;
}

/** Thrown when so many comparisons are waiting that one more would take seconds. The sender should retry. */
export class PasswordsBusy extends Error {
  readonly code = "passwords_busy";
}

/** About two seconds of work at cost 10. */
const maxWaiting = 20;

/** A hash with a high cost may take minutes; its result is then remembered. */
const answerMs = 600_000;

/** Right and wrong passwords are kept apart, so that guesses do not displace the right ones. */
const maxRemembered = 500;

// `.ts` when run from source, `.js` when built.
const file = new URL(`password-worker${extname(import.meta.filename)}`, import.meta.url);

export function createPasswords(): Passwords {
  const thread = new QuestionThread<PasswordQuestion, boolean>({ file, setup: null }, { answerMs });
  const secret = randomBytes(32);
  const right = new Set<string>();
  const wrong = new Set<string>();
  const asked = new Map<string, Promise<boolean>>();

  const ask = async (id: string, password: string, hash: string): Promise<boolean> => {
    if (asked.size >= maxWaiting) throw new PasswordsBusy("too many passwords are waiting for comparison");
    const isRight = await thread.ask({ password, hash });
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
