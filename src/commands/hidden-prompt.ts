// Asks at the terminal and shows nothing of the answer.

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** The question goes to stderr, so that stdout holds the result alone. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await prompt.question("");
  } finally {
    prompt.close();
    process.stderr.write("\n");
  }
}
