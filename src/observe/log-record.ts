import { isSecretName, mask } from "./mask.ts";

type LogRecord = Readonly<Record<string, unknown>>;
type HideSecrets = (text: string) => string;

/** Enough for every wrapped error; stops at an object that contains itself. */
const maxDepth = 6;

/**
 * Under names in snake_case; names inside a field stay as they are. `hide` gets every string before it is quoted: an escape such as
 * `\n` in front of `key=…` would hide it from the rules.
 */
export function logRecord(fields: LogRecord, hide: HideSecrets): LogRecord {
  const named = Object.entries(fields).map(([name, value]): [string, unknown] => [snakeCase(name), value]);
  return printableObject(named, hide, maxDepth);
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z\d])[A-Z]+/gu, (capitals) => `_${capitals}`).toLowerCase();
}

type Entries = readonly (readonly [string, unknown])[];

function printableObject(entries: Entries, hide: HideSecrets, levels: number): LogRecord {
  const printed = entries.map(([name, value]) => [name, isSecretName(name) ? mask : printable(value, hide, levels)]);
  return Object.fromEntries(printed.filter(([, value]) => value !== undefined));
}

/** What JSON makes of a value, with Errors described. `levels` of objects are left to print. */
function printable(value: unknown, hide: HideSecrets, levels: number): unknown {
  if (typeof value === "string") return hide(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return hide(value instanceof Error ? String(value) : "[nested]");
  if (value instanceof Error) return printableObject(Object.entries(errorFields(value)), hide, levels - 1);
  if ("toJSON" in value && typeof value.toJSON === "function") return printable(value.toJSON(), hide, levels - 1);
  if (Array.isArray(value)) return value.map((one) => printable(one, hide, levels - 1));
  return printableObject(Object.entries(value), hide, levels - 1);
}

/** JSON prints an Error as `{}`. */
function errorFields(error: Error): LogRecord {
  const { name, message, stack, cause } = error;
  return {
    type: name,
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    // SQLite's, sqlite.org/rescode.html: its text is the same for thirty kinds of "disk I/O error".
    errcode: "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined,
    message,
    stack,
    cause: cause === undefined || cause instanceof Error ? cause : String(cause),
    errors: error instanceof AggregateError ? error.errors : undefined,
  };
}

/** Nested fields get dotted names. */
export function toLogfmt(record: LogRecord): string {
  return Object.entries(record)
    .flatMap(([name, value]) => pairs(name, value))
    .join(" ");
}

function pairs(name: string, value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [pair(name, value)];
  return Object.entries(value).flatMap(([inner, nested]) => pairs(`${name}.${inner}`, nested));
}

function pair(name: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `${name.replace(/[\s="\p{Cc}\p{Cf}]/gu, "_")}=${quoted(text)}`;
}

/** Bare unless that would be ambiguous, or break the line. */
function quoted(text: string): string {
  return text !== "" && !/[\s"=\\\p{Cc}\p{Cf}]/u.test(text) ? text : JSON.stringify(text);
}
