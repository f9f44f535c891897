// Compares passwords with bcrypt hashes on a thread. Results are remembered under a keyed hash whose key lives only in this process.
// Comparisons wait for each client apart: clients take turns, and those whose requests failed come after all others.

import { createHmac, randomBytes } from "node:crypto";
import { extname } from "node:path";
import type { PasswordCredential } from "../config/config.ts";
import { QuestionThread } from "../threads/question-thread.ts";
import type { VerifyPassword } from "./auth.ts";
import type { PasswordQuestion } from "./password-worker.ts";

/** For one client: an address, or what else shares a place in the queue. */
export type VerifyFor = (client: string) => VerifyPassword;

export interface Passwords {
  readonly verify: VerifyFor;
  close(): Promise<void>;
}

/** Thrown when so many comparisons are waiting that one more would take too long. The sender should retry. */
export class PasswordsBusy extends Error {
  readonly code = "passwords_busy";
}

/** Twenty seconds of work at cost 10. A client may wait for all of them only when there is nobody else. */
const maxWaiting = 200;

/** A hash with a high cost may take minutes; its result is then remembered. */
const answerMs = 600_000;

/** Right and wrong passwords are kept apart, so that guesses do not displace the right ones. */
const maxRemembered = 500;

// `.ts` when run from source, `.js` when built.
const file = new URL(`password-worker${extname(import.meta.filename)}`, import.meta.url);

interface Comparison extends PasswordQuestion {
  readonly id: string;
  readonly answer: PromiseWithResolvers<boolean>;
}

/** @param hasFailed whether the client's requests failed lately */
export function createPasswords(hasFailed: (client: string) => boolean): Passwords {
  const thread = new QuestionThread<PasswordQuestion, boolean>({ file, setup: null }, { answerMs });
  const secret = randomBytes(32);
  const right = new Set<string>();
  const wrong = new Set<string>();
  /** In the order of their turns. */
  const waiting = new Map<string, Comparison[]>();
  let isComparing = false;

  const takeNext = (): Comparison | undefined => {
    const [client, comparisons] = [...waiting].find(([name]) => !hasFailed(name)) ?? [...waiting][0] ?? [];
    if (client === undefined || comparisons === undefined) return undefined;
    const next = comparisons.shift();
    waiting.delete(client);
    if (comparisons.length > 0) waiting.set(client, comparisons);
    return next;
  };
  /** When all places are taken, a client that failed gives one to a client that did not, or the one with the most to one with fewer. */
  const makePlace = (client: string): boolean => {
    if ([...waiting.values()].reduce((places, { length }) => places + length, 0) < maxWaiting) return true;
    const failed = [...waiting].filter(([name]) => hasFailed(name));
    const [name, most] = (failed.length > 0 ? failed : [...waiting]).reduce((a, b) =>
      b[1].length > a[1].length ? b : a,
    );
    const hasFewer = (waiting.get(client)?.length ?? 0) + 1 < most.length;
    const comesFirst = !hasFailed(client) && failed.length > 0;
    if (!comesFirst && (!hasFewer || (hasFailed(client) && failed.length === 0))) return false;
    most.pop()?.answer.reject(new PasswordsBusy("passwords of other clients are waiting for comparison"));
    if (most.length === 0) waiting.delete(name);
    return true;
  };
  const compare = async ({ id, password, hash, answer }: Comparison): Promise<void> => {
    try {
      if (!right.has(id) && !wrong.has(id)) remember((await thread.ask({ password, hash })) ? right : wrong, id);
      answer.resolve(right.has(id));
    } catch (error) {
      answer.reject(error);
    }
  };
  const compareAll = async (): Promise<void> => {
    if (isComparing) return;
    isComparing = true;
    for (let next = takeNext(); next !== undefined; next = takeNext()) await compare(next);
    isComparing = false;
  };

  return {
    verify: (client) => async (password, credential: PasswordCredential) => {
      const hash = credential.passwordHash.reveal();
      const id = createHmac("sha256", secret).update(`${hash}\0${password}`).digest("base64");
      if (right.has(id)) return true;
      if (wrong.has(id)) return false;
      const own = waiting.get(client) ?? [];
      const asked = own.find((comparison) => comparison.id === id);
      if (asked !== undefined) return asked.answer.promise;
      if (!makePlace(client)) throw new PasswordsBusy("too many passwords are waiting for comparison");
      const comparison = { id, password, hash, answer: Promise.withResolvers<boolean>() };
      waiting.set(client, [...own, comparison]);
      void compareAll();
      return comparison.answer.promise;
    },
    close: () => thread.close(),
  };
}

function remember(ids: Set<string>, id: string): void {
  const [oldest] = ids;
  if (ids.size >= maxRemembered && oldest !== undefined) ids.delete(oldest);
  ids.add(id);
}
