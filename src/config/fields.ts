// The field types of the config schema: what each accepts, what it says of anything else, and what it becomes.

import * as z from "zod";
import { durationPattern, readDuration } from "./duration.ts";
import { didYouMean, quote } from "./quote.ts";
import { readSize, sizePattern } from "./size.ts";
import { readStoragePlace } from "./storage.ts";

type Refine<T> = (text: string) => { readonly value: T } | { readonly fault: string };

/** A mapping without unknown keys. Its message for one carries the known keys; `shape-issues.ts` makes the sentence. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
  });
}

function readText<T>(text: z.ZodString, refine: Refine<T>) {
  return text.transform((input, context): T => {
    const refined = refine(input);
    if ("value" in refined) return refined.value;
    context.issues.push({ code: "custom", message: refined.fault, input });
    return z.NEVER;
  });
}

export function duration(limits: { readonly min: string; readonly max: string }) {
  const [least, most] = [readDuration(limits.min) ?? 0, readDuration(limits.max) ?? 0];
  const expected = "expected a duration such as 30s, 5m or 1h30m";
  return readText(z.string(expected).regex(durationPattern, expected), (text) => {
    const value = readDuration(text) ?? 0;
    if (value < least || value > most) return { fault: `must be from ${limits.min} to ${limits.max}` };
    return { value };
  });
}

export function size(limits: { readonly max: string }) {
  const most = readSize(limits.max) ?? 0;
  const expected = "expected a size such as 512KB, 10MB or 1GB";
  return readText(z.string(expected).regex(sizePattern, expected), (text) => {
    const value = readSize(text) ?? 0;
    return value < 1 || value > most ? { fault: `must be from 1B to ${limits.max}` } : { value };
  });
}

/** An address others are appended to; comes out without a trailing slash. */
export function baseURL() {
  return readText(z.string(), (text) => {
    const fault = faultOfURL(text);
    return fault === null ? { value: text.trim().replace(/\/+$/, "") } : { fault };
  });
}

/** The same, or the empty string for none. */
export function optionalBaseURL() {
  return readText(z.string(), (text): { readonly value: string | null } | { readonly fault: string } => {
    if (text.trim() === "") return { value: null };
    const fault = faultOfURL(text);
    return fault === null ? { value: text.trim().replace(/\/+$/, "") } : { fault };
  });
}

function faultOfURL(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return "expected an absolute http or https URL";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password";
  return /[?#]/.test(text) ? "must not have a query (?…) or a fragment (#…)" : null;
}

export function timezone() {
  return readText(z.string(), (text) => {
    if (isTimezone(text)) return { value: text };
    const known = Intl.supportedValuesOf("timeZone");
    return { fault: `no time zone is called ${quote(text)}${didYouMean(text, known)}` };
  });
}

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The text is never repeated: it may hold a password. */
export function storage() {
  return readText(z.string(), readStoragePlace);
}
