// A secret is written in the config itself, in an environment variable, or in a file of its own: `key`, `key_env`, `key_file`.

import * as z from "zod";
import type { FileText } from "../domain/file-text.ts";
import { valueAtPath } from "./document.ts";
import { bad, exactlyOneOf, filledText, optionalText, type Parsed, parsedText, section, withCheck } from "./fields.ts";
import { inQuotes } from "./in-quotes.ts";
import { Secret } from "./secret.ts";

/** Where a secret may come from besides the config file. Only look-ups: reading a config does no I/O of its own. */
export interface SecretSources {
  env(name: string): string | undefined;
  file(path: string): FileText;
}

/** For what needs the schema but reads no config. */
export const noSecrets: SecretSources = {
  env: () => undefined,
  file: () => ({ kind: "unreadable", message: "no file is read here" }),
};

export interface SecretField<T> {
  readonly sources: SecretSources;
  /** Gets the text as it was found, with the white space around it. Its messages must not repeat it. */
  readonly parse: (text: string) => Parsed<T>;
}

/** An empty variable is an issue. */
export function variableField<T>({ sources, parse }: SecretField<T>) {
  return parsedText(filledText("the name of an environment variable"), (name) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return unreadableSecret("expected the name of an environment variable, not the secret itself");
    }
    const text = sources.env(name);
    if (text === undefined) return unreadableSecret(`environment variable ${inQuotes(name)} is not set`);
    return text.trim() === "" ? unreadableSecret(`environment variable ${inQuotes(name)} is empty`) : parse(text);
  });
}

/** An empty file is an issue. */
export function fileField<T>({ sources, parse }: SecretField<T>) {
  return parsedText(filledText("a path"), (path) => {
    const read = sources.file(path);
    if (read.kind === "unreadable") return unreadableSecret(`file ${inQuotes(path)} cannot be read: ${read.message}`);
    return read.text.trim() === "" ? unreadableSecret(`file ${inQuotes(path)} is empty`) : parse(read.text);
  });
}

interface SecretKeys<Others extends z.core.$ZodLooseShape> {
  /** The key of the secret: `token` for `token`, `token_env` and `token_file`. */
  readonly name: string;
  readonly what: string;
  readonly others: Others;
}

/** A secret in exactly one place, and what belongs to it. White space around the text of a variable or file is dropped. */
export function withSecret<Others extends z.core.$ZodLooseShape>(field: SecretField<Secret>, keys: SecretKeys<Others>) {
  const { name, what, others } = keys;
  const trimmed = { sources: field.sources, parse: (text: string) => field.parse(text.trim()) };
  const places = {
    [name]: parsedText(z.string(), field.parse).optional().describe(`${what}. Better kept out of this file.`),
    [`${name}_env`]: variableField(trimmed).optional().describe("Environment variable that holds it."),
    [`${name}_file`]: fileField(trimmed).optional().describe("File that holds it."),
  };
  const names = Object.keys(places);
  return withCheck(section({ ...others, ...places }), exactlyOneOf(names)).transform((written: unknown) => {
    const found = names.map((one) => valueAtPath(written, [one])).filter((value) => value instanceof Secret);
    return { ...(written as z.output<z.ZodObject<Others>>), secret: onlyOne(found) };
  });
}

/** For what a check has found to be given exactly once. */
export function onlyOne<T>(given: readonly T[]): T {
  const [one] = given;
  if (one === undefined) throw new Error("a credential without a secret passed the check; report this as a bug");
  return one;
}

function unreadableSecret(message: string) {
  return bad(message, "secret_unreadable");
}

interface Certificates {
  /** As written. */
  readonly path: string;
  readonly pem: string;
}

/** A file of certificates, or the empty text for none. */
export function certificatesField(sources: SecretSources) {
  return optionalText((path): Parsed<Certificates> => {
    const read = sources.file(path);
    if (read.kind === "unreadable") {
      return bad(`file ${inQuotes(path)} cannot be read: ${read.message}`, "file_unreadable");
    }
    if (read.text.includes("-----BEGIN CERTIFICATE-----")) return { value: { path, pem: read.text } };
    return bad(`file ${inQuotes(path)} holds no PEM certificate`, "file_unreadable");
  });
}
