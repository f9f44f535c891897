// Where a secret is written: in the config file itself, in an environment variable, or in a file of its own.

import { quote } from "./quote.ts";

export type SecretText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly message: string };

/** Where a secret may come from besides the config file. Lookups only: check does no I/O of its own. */
export interface SecretSources {
  env(name: string): string | undefined;
  file(path: string): SecretText;
}

/** `name` says how: `…_env` and `…_file` are looked up, anything else is the secret itself. */
export function readSecret(name: string, value: string, sources: SecretSources): SecretText {
  if (name.endsWith("_file")) return readSecretFile(value, sources);
  return name.endsWith("_env") ? readSecretVariable(value, sources) : { kind: "text", text: value };
}

function readSecretFile(path: string, sources: SecretSources): SecretText {
  const read = sources.file(path);
  if (read.kind === "unreadable") {
    return { kind: "unreadable", message: `file ${quote(path)} cannot be read: ${read.message}` };
  }
  return read.text.trim() === "" ? { kind: "unreadable", message: `file ${quote(path)} is empty` } : read;
}

function readSecretVariable(name: string, sources: SecretSources): SecretText {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { kind: "unreadable", message: "expected the name of an environment variable, not the secret itself" };
  }
  const text = sources.env(name);
  if (text === undefined) return { kind: "unreadable", message: `environment variable ${quote(name)} is not set` };
  return text.trim() === ""
    ? { kind: "unreadable", message: `environment variable ${quote(name)} is empty` }
    : { kind: "text", text };
}
