// The thread of the tests: answers a number with its double, and other questions with an end of its own kind.

import { workerData } from "node:worker_threads";
import { answerQuestions } from "../../../src/threads/question-thread.ts";

export type TestQuestion = number | "setup" | "throw" | "loop" | "exit" | "heap";

answerQuestions((question: TestQuestion): unknown => {
  switch (question) {
    case "setup":
      return workerData;
    case "throw":
      throw new RangeError("no answer");
    case "loop":
      for (;;);
    case "exit":
      return process.exit(3);
    case "heap":
      return fill([]);
    default:
      return 2 * question;
  }
});

function fill(held: unknown[]): never {
  for (;;) held.push(Array(100_000).fill({}));
}
