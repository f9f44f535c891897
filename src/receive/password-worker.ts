// Compares passwords with bcrypt hashes on a thread: one comparison takes about 0.1 s and would delay every webhook.

import bcrypt from "bcryptjs";
import { answerQuestions } from "../threads/question-thread.ts";

export interface PasswordQuestion {
  readonly password: string;
  readonly hash: string;
}

answerQuestions(({ password, hash }: PasswordQuestion): boolean => bcrypt.compareSync(password, hash));
