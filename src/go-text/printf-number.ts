// Numbers under a printf verb: %d %x %c %q %U for whole ones, %e %f %g for all. A verb that does not fit is null.
import { formatExponent, formatFixed, formatGeneral } from "./number.ts";
import { quoteRune } from "./quote.ts";
import { showNumber } from "./show.ts";

export interface Spec {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  /** Null when the format has none. */
  readonly precision: number | null;
}

/** No more than this many blanks or digits, whatever a format asks for. */
const MAX_WIDTH = 10_000;

export function pad(text: string, spec: Spec): string {
  const missing = Math.min(spec.width, MAX_WIDTH) - Array.from(text).length;
  if (!(missing > 0)) return text;
  if (spec.minus) return text + " ".repeat(missing);
  return (spec.zero ? "0" : " ").repeat(missing) + text;
}

export function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

export function formatNumber(value: number | bigint, verb: string, spec: Spec): string | null {
  if (/[eEfFgG]/.test(verb)) return formatFloat(Number(value), verb, spec);
  if (isWhole(value)) return formatInteger(BigInt(value), verb, spec);
  return verb === "v" ? padNumber(withSign(showNumber(Number(value)), spec), spec) : null;
}

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  b: [2, "0b"],
  d: [10, ""],
  o: [8, "0"],
  O: [8, ""],
  v: [10, ""],
  x: [16, "0x"],
  X: [16, "0X"],
};

export function formatInteger(value: bigint, verb: string, spec: Spec): string | null {
  if (verb === "c") return pad(runeOf(value), spec);
  if (verb === "q") return pad(quoteRune(runeOf(value), { ascii: spec.plus }), spec);
  if (verb === "U") return pad(`U+${value.toString(16).toUpperCase().padStart(4, "0")}`, spec);
  const [base, sharpPrefix] = BASES[verb] ?? [0, ""];
  if (base === 0) return null;
  const digits = (value < 0n ? -value : value).toString(base).padStart(Math.min(spec.precision ?? 1, MAX_WIDTH), "0");
  const prefix = verb === "O" ? "0o" : spec.sharp ? sharpPrefix : "";
  const shown = prefix + (verb === "X" ? digits.toUpperCase() : digits);
  const signed = withSign((value < 0n ? "-" : "") + shown, spec);
  return spec.precision === null ? padNumber(signed, spec) : pad(signed, { ...spec, zero: false });
}

function runeOf(value: bigint): string {
  return value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : "\ufffd";
}

function formatFloat(value: number, verb: string, spec: Spec): string {
  if (!Number.isFinite(value)) return pad(withSign(showNumber(value).replace("+", ""), spec), { ...spec, zero: false });
  const places = Math.min(spec.precision ?? 6, MAX_WIDTH);
  switch (verb) {
    case "e":
    case "E": {
      const text = padNumber(withSign(formatExponent(value, places), spec), spec);
      return verb === "E" ? text.toUpperCase() : text;
    }
    case "g":
    case "G": {
      const text = padNumber(withSign(formatGeneral(value, spec.precision), spec), spec);
      return verb === "G" ? text.toUpperCase() : text;
    }
    default:
      return padNumber(withSign(formatFixed(value, places), spec), spec);
  }
}

function withSign(text: string, spec: Spec): string {
  if (text.startsWith("-")) return text;
  return (spec.plus ? "+" : spec.space ? " " : "") + text;
}

/** Zeros go between the sign and the digits. */
function padNumber(text: string, spec: Spec): string {
  const sign = spec.zero && !spec.minus ? (text.match(/^[-+ ]/)?.[0] ?? "") : "";
  return sign + pad(text.slice(sign.length), { ...spec, width: spec.width - sign.length });
}
