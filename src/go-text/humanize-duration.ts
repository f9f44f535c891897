// Prometheus' humanizeDuration: seconds in, text like 1d 2h 3m 4s or 123.5ms out.
// Source: prometheus/common helpers/templates/time.go.
import { type Duration, isDuration } from "./duration.ts";
import { formatGeneral } from "./number.ts";
import { showNumber } from "./show.ts";

/** Seconds as a number or as text, or a duration. Throws on text that is no number and on other types. */
export function humanizeDuration(value: unknown): string {
  const seconds = secondsOf(value);
  if (!Number.isFinite(seconds)) return showNumber(seconds);
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

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

function secondsOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (isDuration(value)) return durationSeconds(value);
  if (typeof value !== "string") throw new Error("can't convert the value to a number of seconds");
  if (NUMBER.test(value)) return Number(value);
  const special = SPECIAL[value.replace(/^[+-]/, "").toLowerCase()];
  if (special === undefined) throw new Error(`parsing "${value}": invalid syntax`);
  return value.startsWith("-") ? -special : special;
}

export function durationSeconds(duration: Duration): number {
  const whole = duration.ns / 1_000_000_000n;
  return Number(whole) + Number(duration.ns % 1_000_000_000n) / 1e9;
}
