import { parseArgs } from "node:util";
import { didYouMean } from "../config/in-quotes.ts";

export interface FlagSpec {
  readonly help: string;
  readonly fallback?: string;
  /** The only values there are; any text is allowed without them. */
  readonly choices?: readonly string[];
  /** Takes no value: `--all`. Its value is "true", or it is absent. */
  readonly isSwitch?: true;
  /** Of others, an empty value is a mistake: that of a shell variable that is not set. */
  readonly mayBeEmpty?: true;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

export interface CommandFlags {
  readonly kind: "flags";
  /** By name, fallbacks included. */
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

type ParsedFlags = CommandFlags | { readonly kind: "usage"; readonly message: string };

/** Also `--name VALUE` for `--name=VALUE`. */
export function parseFlags(args: readonly string[], specs: FlagSpecs): ParsedFlags {
  const typeOf = ({ isSwitch }: FlagSpec) => ({ type: isSwitch ? "boolean" : "string" }) as const;
  const options = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, typeOf(spec)]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const given = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
    const empty = Object.entries(specs).find(([name, { mayBeEmpty }]) => given.get(name) === "" && !mayBeEmpty);
    if (empty !== undefined) return { kind: "usage", message: `--${empty[0]} needs a value; it is empty` };
    const wrong = Object.entries(specs).find(([name, { choices }]) => !isChoice(given.get(name), choices));
    if (wrong !== undefined) return { kind: "usage", message: wrongChoice(wrong[0], wrong[1], given.get(wrong[0])) };
    const fallbacks = Object.entries(specs).flatMap(([name, { fallback }]) =>
      fallback === undefined ? [] : [[name, fallback] as const],
    );
    return { kind: "flags", values: new Map([...fallbacks, ...given]), operands: positionals };
  } catch (cause) {
    return { kind: "usage", message: usageDefect(cause, Object.keys(specs)) };
  }
}

/** Node's own words would add advice about `--` that does not apply here. */
function usageDefect(cause: unknown, known: readonly string[]): string {
  if (!(cause instanceof Error)) return String(cause);
  const [, what, flag = ""] = /^(Unknown option|Option) '(-[^' ]*)/u.exec(cause.message) ?? [];
  const hint = didYouMean(
    flag,
    [...known, "help"].map((name) => `--${name}`),
  );
  if (what === "Unknown option") return `unknown flag ${flag}${hint}`;
  if (/argument missing|ambiguous/u.test(cause.message)) return `${flag} needs a value: ${flag}=VALUE`;
  return cause.message.split(/\. |\n/u)[0] ?? cause.message;
}

function isChoice(value: string | undefined, choices: readonly string[] | undefined): boolean {
  return value === undefined || choices === undefined || choices.includes(value);
}

function wrongChoice(name: string, { choices = [] }: FlagSpec, value: string | undefined): string {
  return `--${name}: expected one of: ${choices.join(", ")}; found ${JSON.stringify(value)}`;
}

/** One line for each flag, aligned. */
export function describeFlags(specs: FlagSpecs): string {
  const rows = Object.entries(specs).map(([name, { help, fallback, isSwitch }]) => ({
    left: `  --${name}${isSwitch ? "" : "=VALUE"}`,
    right: fallback === undefined ? help : `${help} (default ${fallback})`,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}  ${row.right}`).join("\n");
}

export const configFileFlag: FlagSpec = { help: "path of the config file; without it, built-in defaults" };

export const listenAddressFlag: FlagSpec = { help: "address to listen on", fallback: ":8060" };

export const webConfigFlag: FlagSpec = {
  help: "file with TLS and users, in exporter-toolkit's format; without it, plain HTTP",
};

export interface ListenAddress {
  /** Null listens on every interface. */
  readonly host: string | null;
  readonly port: number;
}

type ParsedListenAddress =
  | { readonly kind: "address"; readonly address: ListenAddress }
  | { readonly kind: "usage"; readonly message: string };

/** Reads --web.listen-address: `:8060`, `127.0.0.1:8060` or `[::1]:8060`. */
export function parseListenAddress({ values }: CommandFlags): ParsedListenAddress {
  const text = values.get("web.listen-address") ?? "";
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/u.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    return { kind: "usage", message: `"${text}" is not a listen address; write :8060 or 127.0.0.1:8060` };
  }
  const host = match[1] ?? match[2] ?? "";
  return { kind: "address", address: { host: host === "" ? null : host, port } };
}

/** Whether only programs on this machine reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host ?? "");
}

/** The URL at which a program on this machine reaches that address. */
export function localOrigin({ host, port }: ListenAddress): string {
  const reachable = host === null || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
