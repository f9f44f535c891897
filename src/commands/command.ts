// What every command is: a name, one line of help, its flags, and a function from arguments to an exit code.
// Results go to stdout, diagnostics to stderr.

import type { ExitCode } from "./exit-code.ts";
import type { FlagSpecs, ParsedFlags } from "./flags.ts";

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Flags = Extract<ParsedFlags, { readonly kind: "flags" }>;

export interface Command {
  readonly name: string;
  /** What follows the name in the usage line, beside flags; empty for nothing. */
  readonly operands: string;
  readonly help: string;
  readonly flags: FlagSpecs;
  readonly run: (flags: Flags, terminal: Terminal) => Promise<ExitCode>;
}
