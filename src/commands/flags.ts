// Flags in the manner of the Prometheus family (`--config.file=F`), read by Node's own parser. A wrong flag is a usage fault.

import { parseArgs } from "node:util";

export interface FlagSpec {
  /** `text` takes a value, `switch` takes none. */
  readonly kind: "text" | "switch";
  readonly help: string;
  /** Shown in the help; applied by the command. */
  readonly fallback?: string;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

export type ParsedFlags =
  | {
      readonly kind: "flags";
      readonly text: ReadonlyMap<string, string>;
      readonly switches: ReadonlySet<string>;
      readonly rest: readonly string[];
    }
  | { readonly kind: "usage"; readonly message: string };

export function parseFlags(args: readonly string[], specs: FlagSpecs): ParsedFlags {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { type: spec.kind === "text" ? "string" : "boolean" } as const]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const entries = Object.entries(values);
    return {
      kind: "flags",
      text: new Map(entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []))),
      switches: new Set(entries.flatMap(([name, value]) => (value === true ? [name] : []))),
      rest: positionals,
    };
  } catch (cause) {
    return { kind: "usage", message: cause instanceof Error ? firstSentence(cause.message) : String(cause) };
  }
}

/** Node adds advice about `--` that does not apply here. */
function firstSentence(message: string): string {
  return message.split(/\. |\n/u)[0] ?? message;
}

/** One line a flag, aligned. */
export function describeFlags(specs: FlagSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    const left = `  --${name}${spec.kind === "text" ? "=VALUE" : ""}`;
    const right = spec.fallback === undefined ? spec.help : `${spec.help} (default ${spec.fallback})`;
    return { left, right };
  });
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}  ${row.right}`).join("\n");
}
