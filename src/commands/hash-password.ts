// Prints the bcrypt hash of a password, for `auth` in the config and for --web.config.file. The password is read from stdin, or
// asked for twice without echo at a terminal; never taken from the command line, which other users can see.

import { readFileSync } from "node:fs";
import bcrypt from "bcryptjs";
import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { askHidden } from "./hidden-prompt.ts";

/** A comparison takes about 0.1 s at this cost: fast enough for a webhook, slow for whoever guesses. */
const cost = 10;

export const hashPasswordCommand: Command = {
  name: "hash-password",
  operands: "",
  help: "prints the bcrypt hash of a password read from the terminal or stdin",
  flags: {},
  async run(flags, terminal) {
    if (flags.rest.length > 0) {
      terminal.err("give the password on stdin, not as an operand: alertmanager-wecom hash-password");
      return exitCode.usage;
    }
    const password = process.stdin.isTTY ? await askTwice() : readFileSync(0, "utf8").replace(/\r?\n$/u, "");
    const fault = password === null ? "the two are not the same" : faultOf(password);
    if (password === null || fault !== null) {
      terminal.err(fault ?? "");
      return exitCode.failed;
    }
    terminal.out(bcrypt.hashSync(password, cost));
    return exitCode.ok;
  },
};

async function askTwice(): Promise<string | null> {
  const first = await askHidden("password: ");
  return first === (await askHidden("again: ")) ? first : null;
}

function faultOf(password: string): string | null {
  if (password === "") return "the password is empty";
  if (/[\0\r\n]/u.test(password)) return "a password is one line";
  // Whatever follows would not count: a longer password would be let in by its beginning.
  return bcrypt.truncates(password) ? "bcrypt takes at most 72 bytes of UTF-8" : null;
}
