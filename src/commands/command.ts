// What every command is. Results go to stdout, diagnostics to stderr.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileFailure } from "../domain/file-text.ts";
import type { CommandFlags, FlagSpecs } from "./flags.ts";

/** A script may try again after `temporary`, and after no other code. */
export const exitCode = { ok: 0, failed: 1, usage: 2, temporary: 4 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Command {
  readonly name: string;
  /** What follows the flags in the usage line; empty for nothing. */
  readonly operands: string;
  readonly help: string;
  readonly flags: FlagSpecs;
  /** What it throws is printed, and the exit code is `failed`. */
  readonly run: (flags: CommandFlags, terminal: Terminal) => Promise<ExitCode>;
}

/** Prints the lines as diagnostics and returns the exit code. */
export function exitWith(code: ExitCode, lines: string | readonly string[], terminal: Terminal): ExitCode {
  for (const line of typeof lines === "string" ? [lines] : lines) terminal.err(line);
  return code;
}

/** A webhook body from a file, or from stdin when the path is `-`. Throws the reason when it cannot be read. */
export function readPayload(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (cause) {
    throw new Error(`${path}: ${fileFailure(cause)}`, { cause });
  }
}

/** src/commands and dist/commands are both two folders below package.json. */
const packageFile = join(import.meta.dirname, "..", "..", "package.json");

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { readonly version: string };
  return version;
}
