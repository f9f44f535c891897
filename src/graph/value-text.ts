// Numbers as a graph shows them: short, but never so short that two that differ look equal. 0.9004 beside a threshold of 0.9 is
// 90.04%, not 90%.

import type { Threshold } from "./expression.ts";
import type { ComparisonOperator } from "./promql/tree.ts";
import type { Unit } from "./unit.ts";

const fewestDigits = 4;
/** Thresholds are written by people. */
const thresholdDigits = 6;
/** More would show the noise of floating point. */
const mostDigits = 12;

/** One number, written so that it differs from each of `others`. */
export function valueText(value: number, unit: Unit, others: readonly number[] = []): string {
  return valueTexts([value, ...others], unit)[0] ?? "";
}

/** All with as many digits as are needed to distinguish them. */
export function valueTexts(values: readonly number[], unit: Unit): readonly string[] {
  const different = new Set(values).size;
  for (let digits = fewestDigits; ; digits++) {
    const texts = values.map((value) => written(value, unit, digits));
    if (digits === mostDigits || new Set(texts).size === different) return texts;
  }
}

/** As in mathematics. */
export const comparisonSigns: Readonly<Record<ComparisonOperator, string>> = {
  "==": "=",
  "!=": "≠",
  "<": "<",
  "<=": "≤",
  ">": ">",
  ">=": "≥",
};

/** `> 90%` */
export function thresholdText({ op, value }: Threshold, unit: Unit): string {
  return `${comparisonSigns[op]} ${written(value, unit, thresholdDigits)}`;
}

function written(value: number, unit: Unit, digits: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  switch (unit) {
    case "none":
      return decimal(value, digits);
    case "ratio":
      return `${decimal(value * 100, digits)}%`;
    case "percent":
      return `${decimal(value, digits)}%`;
    case "celsius":
      return `${decimal(value, digits)} °C`;
    case "bytes":
      return binary(value, digits);
    case "bytes_per_second":
      return `${binary(value, digits)}/s`;
    case "seconds":
      return inDuration(value, digits);
  }
}

/** Without zeros at the end, and without a minus before 0. */
const rounded = (value: number, digits: number) => Number(value.toPrecision(digits)) + 0;

const prefixes = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
] as const;

/** Whole numbers below a million in full. */
function decimal(value: number, digits: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size < 1e6 && Number.isInteger(value))) return String(value + 0);
  if (size < 1e-4 || size >= 1e18) return exponential(value, digits);
  const [scale, prefix] = prefixes.find(([least]) => size >= least) ?? [1, ""];
  return `${rounded(value / scale, digits)}${prefix}`;
}

function exponential(value: number, digits: number): string {
  return value.toExponential(digits - 1).replace(/\.?0*e\+?/u, "e");
}

const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

function binary(value: number, digits: number): string {
  const power = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)) / 10);
  const index = Math.min(Math.max(power, 0), binaryUnits.length - 1);
  return `${decimal(rounded(value / 1024 ** index, digits), digits)} ${binaryUnits[index]}`;
}

const durationUnits = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
  [1, "s"],
] as const;

/** From a minute on in two parts, `1d 2h`; with each further digit one more. */
function inDuration(value: number, digits: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (size === 0) return "0s";
  if (size < 1e-3) return `${decimal(rounded(value * 1e6, digits), digits)}µs`;
  if (size < 1) return `${rounded(value * 1e3, digits)}ms`;
  if (size < 60) return `${rounded(value, digits)}s`;
  if (size >= 1e12) return `${exponential(value, digits)}s`;
  const largest = durationUnits.findIndex(([seconds]) => size >= seconds);
  const last = largest + digits - fewestDigits + 1;
  const resolution = durationUnits[last]?.[0] ?? 10 ** -(last - durationUnits.length + 1);
  return sign + inParts(Math.round(size / resolution) * resolution, resolution);
}

function inParts(seconds: number, resolution: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [size, unit] of durationUnits) {
    const count = size === 1 ? left : Math.floor(left / size);
    left -= count * size;
    const decimals = size === 1 && resolution < 1 ? Math.round(-Math.log10(resolution)) : 0;
    const text = String(Number(count.toFixed(decimals)));
    if (text !== "0") parts.push(`${text}${unit}`);
  }
  return parts.join(" ");
}
