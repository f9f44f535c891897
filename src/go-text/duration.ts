// Go's time.Duration: whole nanoseconds, printed like 1h30m4.876543211s.
import { isKind, kind } from "./kind.ts";

export interface Duration {
  readonly [kind]: "duration";
  readonly ns: bigint;
}

const MAX_NS = 2n ** 63n - 1n;
const MIN_NS = -(2n ** 63n);

/** Limited to 64 bits, about 292 years, as Go does when it subtracts times. */
export function createDuration(ns: bigint): Duration {
  return { [kind]: "duration", ns: ns > MAX_NS ? MAX_NS : ns < MIN_NS ? MIN_NS : ns };
}

export function isDuration(value: unknown): value is Duration {
  return isKind(value, "duration");
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

/** Reads Go's form, `8h` or `-1h30m`; throws on any other. */
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
