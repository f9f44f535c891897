// The kinds of values in a config: what each accepts, the message for anything else, and what it becomes.

import * as z from "zod";
import type { IssueCode } from "../domain/issue.ts";
import { mappingOf, type PlacedMessage } from "./document.ts";
import { didYouMean, inQuotes } from "./in-quotes.ts";

/** A value that was read, or why it was not. */
export type Parsed<T> = { readonly value: T } | { readonly code: IssueCode; readonly message: string };

export function bad(message: string, code: IssueCode = "bad_value") {
  return { code, message };
}

/** A mapping without unknown keys. For one, the message lists the known keys; `parse-document.ts` writes the sentence. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? known.join(" ") : `expected a mapping like { ${known[0]}: … }`,
  });
}

/** None of the fields is required: what a route does not give is inherited. */
export function givenOrInherited<Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape) {
  const entries = Object.entries(shape).map(([key, field]) => [key, field.exactOptional()]);
  return Object.fromEntries(entries) as { [Key in keyof Shape]: z.ZodExactOptional<Shape[Key]> };
}

/** Text that becomes a value of ours. */
export function parsedText<T>(text: z.ZodString, parse: (text: string) => Parsed<T>) {
  return text.transform((written, context): T => {
    const parsed = parse(written);
    if ("value" in parsed) return parsed.value;
    context.issues.push(rawIssue({ ...parsed, path: [], of: "value" }));
    return z.NEVER;
  });
}

/** The path is relative to the value that is checked. `continue`: the other checks of the file still run, and report what they find. */
export function rawIssue({ code, path, of, message }: PlacedMessage): z.core.$ZodRawIssue {
  return { code: "custom", path: [...path], params: { code, of }, message, input: undefined, continue: true };
}

/**
 * Checks what was parsed of a value, also when parts of it were not: a part with an issue of its own may be anything, so
 * `check` gets an `unknown` and tests each part before it uses it.
 */
export function withCheck<Schema extends z.ZodType>(
  schema: Schema,
  check: (value: unknown) => readonly PlacedMessage[],
): Schema {
  const report = (value: unknown, { issues }: z.core.ParsePayload) => {
    issues.push(...check(value).map(rawIssue));
  };
  return schema.superRefine(report, { when: () => true });
}

export function exactlyOneOf(names: readonly string[]): (value: unknown) => readonly PlacedMessage[] {
  const rule = `give exactly one of ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return (value) => {
    const mapping = mappingOf(value);
    const given = names.filter((name) => mapping !== null && Object.hasOwn(mapping, name));
    if (mapping === null || given.length === 1) return [];
    if (given.length === 0) return [{ code: "missing_key", path: [], of: "key", message: rule }];
    return [{ code: "bad_value", path: [], of: "key", message: `${rule}, not ${given.join(" and ")}` }];
  };
}

/** The empty text means none. */
export function optionalText<T>(parse: (text: string) => Parsed<T>) {
  return parsedText(z.string(), (text): Parsed<T | null> => (text === "" ? { value: null } : parse(text)));
}

export function filledText(what = "text") {
  return z.string().min(1, `expected ${what}, found nothing`);
}

/** RFC 7617: in `Basic` credentials it ends at the first colon. */
export const userName = filledText().regex(/^[^:]*$/, "a user name cannot have a colon");

const durationPattern = /^(?:0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/;

/** As in Prometheus a day has 24 hours and a year 365 days. */
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of a duration as Prometheus writes it, units from large to small, each once; null for other text. */
export function readDuration(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  const parts = text.matchAll(/(\d+)([a-z]+)/g);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
}

export function duration(limits: { readonly min: string; readonly max: string }) {
  const [least, most] = [readDuration(limits.min) ?? 0, readDuration(limits.max) ?? 0];
  const expected = "expected a duration such as 30s, 5m or 1h30m";
  return parsedText(z.string(expected).regex(durationPattern, expected), (text) => {
    const value = readDuration(text) ?? 0;
    return value < least || value > most ? bad(`must be from ${limits.min} to ${limits.max}`) : { value };
  });
}

const sizePattern = /^\d+(?:[KMGT]i?)?B$/;

const unitBytes: Readonly<Record<string, number>> = { B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes of a size as Prometheus writes it: 10MB and 10MiB are both 10·1024²; null for other text. */
export function readSize(text: string): number | null {
  if (!sizePattern.test(text)) return null;
  const unit = text.replace(/^\d+/, "").charAt(0);
  return Number.parseInt(text, 10) * (unitBytes[unit] ?? 1);
}

export function size(limits: { readonly max: string }) {
  const most = readSize(limits.max) ?? 0;
  const expected = "expected a size such as 512KB, 10MB or 1GB";
  return parsedText(z.string(expected).regex(sizePattern, expected), (text) => {
    const value = readSize(text) ?? 0;
    return value < 1 || value > most ? bad(`must be from 1B to ${limits.max}`) : { value };
  });
}

/** An address that others are appended to; without a trailing slash. */
export const baseURL = parsedText(z.string(), parseBaseURL);

/** The same, or nothing but white space for none. */
export const optionalBaseURL = parsedText(
  z.string(),
  (text): Parsed<string | null> => (text.trim() === "" ? { value: null } : parseBaseURL(text)),
);

function parseBaseURL(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return bad("expected an absolute http or https URL");
  if (url.username !== "" || url.password !== "") return bad("must not hold a user name or password");
  if (/[?#]/.test(text)) return bad("must not have a query (?…) or a fragment (#…)");
  return { value: text.trim().replace(/\/+$/, "") };
}

export const optionalPath = optionalText((path) => ({ value: path }));

export const timezone = parsedText(z.string(), (text) => {
  if (/^[+-]/.test(text)) return bad(`${inQuotes(text)} is an offset; give an IANA name like Asia/Shanghai`);
  // To Intl that is Chicago's; who writes it in China means China's.
  if (isTimezone(text) && text !== "CST") return { value: text };
  return bad(`unknown time zone ${inQuotes(text)}${didYouMean(text, Intl.supportedValuesOf("timeZone"))}`);
});

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
