// Go's time.Duration, printed like 1h30m4.876543211s, and Prometheus' humanizeDuration, which prints 1h 30m 4s.
import { formatGeneral, printNumber } from "./number.ts";
import { isOfKind, valueKind } from "./template-values.ts";

/** Whole nanoseconds. */
export interface Duration {
  readonly [valueKind]: "duration";
  readonly ns: bigint;
}

const MAX_NS = 2n ** 63n - 1n;
const MIN_NS = -(2n ** 63n);

/** Limited to 64 bits, about 292 years, as Go does when it subtracts times. */
export function createDuration(ns: bigint): Duration {
  return { [valueKind]: "duration", ns: ns > MAX_NS ? MAX_NS : ns < MIN_NS ? MIN_NS : ns };
}

export function isDuration(value: unknown): value is Duration {
  return isOfKind(value, "duration");
}

export function printDuration(duration: Duration): string {
  const { ns } = duration;
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  if (size === 0n) return "0s";
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(size: bigint, places: number): string {
  const digits = size.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Reads Go's form, `8h` or `-1h30m`; throws on other text. */
export function parseDuration(text: string): Duration {
  const [, sign = "", body = ""] =
    text.match(/^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/) ?? [];
  if (body === "") throw new Error(`invalid duration "${text}"`);
  let ns = 0n;
  for (const [, number = "0", unit = "ns"] of body.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    const [whole = "", fraction = ""] = number.split(".");
    const scale = UNIT_NS[unit] ?? 1n;
    const parts = fraction.slice(0, 18);
    ns +=
      BigInt(whole === "" ? 0 : whole) * scale +
      (BigInt(parts === "" ? 0 : parts) * scale) / 10n ** BigInt(parts.length);
  }
  return createDuration(sign === "-" ? -ns : ns);
}

/**
 * Prints seconds like 1d 2h 3m 4s or 123.5ms. Takes a number, text or a duration; throws on text that is not a number and
 * on other types. Source: prometheus/common helpers/templates/time.go.
 */
export function humanizeDuration(value: unknown): string {
  const seconds = secondsOf(value);
  if (!Number.isFinite(seconds)) return printNumber(seconds);
  if (seconds === 0) return "0s";
  if (Math.abs(seconds) < 1) return humanizeFraction(seconds);
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const whole = BigInt(Math.trunc(size));
  const [days, hours, minutes] = [whole / 86400n, (whole / 3600n) % 24n, (whole / 60n) % 60n];
  if (days > 0n) return `${sign}${days}d ${hours}h ${minutes}m ${whole % 60n}s`;
  if (hours > 0n) return `${sign}${hours}h ${minutes}m ${whole % 60n}s`;
  if (minutes > 0n) return `${sign}${minutes}m ${whole % 60n}s`;
  return `${sign}${formatGeneral(size, 4)}s`;
}

function humanizeFraction(seconds: number): string {
  let value = seconds;
  let prefix = "";
  for (const next of "munpfazy") {
    if (Math.abs(value) >= 1) break;
    prefix = next;
    value *= 1000;
  }
  return `${formatGeneral(value, 4)}${prefix}s`;
}

const NUMBER_TEXT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

function secondsOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (isDuration(value)) return durationSeconds(value);
  if (typeof value !== "string") throw new Error("can't convert the value to a number of seconds");
  if (NUMBER_TEXT.test(value)) return Number(value);
  const special = SPECIAL_NUMBERS[value.replace(/^[+-]/, "").toLowerCase()];
  if (special === undefined) throw new Error(`parsing "${value}": invalid syntax`);
  return value.startsWith("-") ? -special : special;
}

function durationSeconds(duration: Duration): number {
  const whole = duration.ns / 1_000_000_000n;
  return Number(whole) + Number(duration.ns % 1_000_000_000n) / 1e9;
}
