// The thread that compares passwords with bcrypt hashes: one comparison takes about 0.1 s and would hold up every webhook.

import { parentPort } from "node:worker_threads";
import bcrypt from "bcryptjs";

/** What the thread is asked, and answers with the same id. */
export interface PasswordQuestion {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface PasswordAnswer {
  readonly id: number;
  readonly right: boolean;
}

parentPort?.on("message", ({ id, password, hash }: PasswordQuestion) => {
  const answer: PasswordAnswer = { id, right: bcrypt.compareSync(password, hash) };
  parentPort?.postMessage(answer);
});
