// Prints the bcrypt hash of a password, for `auth` in the config and for --web.config.file. The password is read from stdin, or
// asked for twice without echo at a terminal. It is never an argument: other users of the machine can see those.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import bcrypt from "bcryptjs";
import { type Command, exitCode, exitWith } from "./command.ts";

/** A comparison takes about 0.1 s at this cost: fast enough for a webhook, slow for an attacker who guesses. */
const bcryptCost = 10;

export const hashPasswordCommand: Command = {
  name: "hash-password",
  operands: "",
  help: "prints the bcrypt hash of a password read from the terminal or stdin",
  flags: {},
  async run(flags, terminal) {
    if (flags.operands.length > 0) {
      const message = "give the password on stdin, not as an argument: alertmanager-wecom hash-password";
      return exitWith(exitCode.usage, message, terminal);
    }
    const password = process.stdin.isTTY ? await askTwice() : readFileSync(0, "utf8").replace(/\r?\n$/u, "");
    if (password === null) return exitWith(exitCode.failed, "the two passwords differ", terminal);
    const defect = passwordDefect(password);
    if (defect !== null) return exitWith(exitCode.failed, defect, terminal);
    terminal.out(bcrypt.hashSync(password, bcryptCost));
    return exitCode.ok;
  },
};

/** Null when the answers differ. */
async function askTwice(): Promise<string | null> {
  const first = await askHidden("password: ");
  return first === (await askHidden("again: ")) ? first : null;
}

/** Shows nothing of the answer. The question goes to stderr, so that stdout has the result alone. */
async function askHidden(question: string): Promise<string> {
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

function passwordDefect(password: string): string | null {
  if (password === "") return "the password is empty";
  if (/[\0\r\n]/u.test(password)) return "the password has more than one line";
  // bcrypt ignores the bytes after that, so that the beginning of a longer password would be accepted.
  return bcrypt.truncates(password) ? "the password is longer than 72 bytes of UTF-8, the limit of bcrypt" : null;
}
