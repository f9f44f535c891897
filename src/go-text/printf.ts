// Go's fmt.Sprintf for the values of templates. It never throws: as in Go, a verb that does not fit its value is shown in
// the text, like %!d(string=x). JavaScript has one type of number, so %d refuses only fractions and %f takes whole numbers.
// Left out, because no alert template needs them: the verbs for code points (%c, %U, and %q of a number), %O and * as a
// width, which are shown like any unknown verb; the flags + and # of %q and the spaces of "% x", which are ignored.
import { isDuration } from "./duration.ts";
import { goQuote } from "./escapes.ts";
import { formatExponent, formatFixed, formatGeneral, printNumber } from "./number.ts";
import { goText } from "./print.ts";
import { isPairs } from "./template-values.ts";
import { isTimestamp } from "./timestamp.ts";

/** One directive of a format, like %-8.3f. */
interface Spec {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  /** Null when the format has none. */
  readonly precision: number | null;
}

/** The largest width, and the largest precision of a number, whatever the format asks for. */
const MAX_WIDTH = 10_000;

const DIRECTIVE = /%([-+# 0]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?(.?)/gsu;

export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0;
  let isIndexed = false;
  const text = format.replace(DIRECTIVE, (...match) => {
    const [, flags = "", width = "", precision, index, verb = ""] = match as (string | undefined)[];
    if (verb === "") return "%!(NOVERB)";
    if (verb === "%") return "%";
    isIndexed ||= index !== undefined;
    const place = index === undefined ? next : Number(index) - 1;
    if (place < 0 || place >= values.length) return `%!${verb}(${index === undefined ? "MISSING" : "BADINDEX"})`;
    next = place + 1;
    return formatValue(values[place], verb, specOf(flags, width, precision));
  });
  // As in Go, a format with an index may leave values out.
  return isIndexed || next >= values.length ? text : text + extraValues(values.slice(next));
}

function specOf(flags: string, width: string, precision: string | undefined): Spec {
  return {
    minus: flags.includes("-"),
    plus: flags.includes("+"),
    sharp: flags.includes("#"),
    space: flags.includes(" "),
    zero: flags.includes("0") && !flags.includes("-"),
    width: Math.min(Number(width), MAX_WIDTH),
    precision: precision === undefined ? null : Number(precision),
  };
}

function extraValues(values: readonly unknown[]): string {
  return `%!(EXTRA ${values.map((value) => `${typeName(value)}=${goText(value)}`).join(", ")})`;
}

function formatValue(value: unknown, verb: string, spec: Spec): string {
  if (Array.isArray(value) && !isPairs(value) && verb !== "T") {
    return `[${value.map((item) => formatValue(item, verb, spec)).join(" ")}]`;
  }
  return formatSingle(value, verb, spec) ?? wrongVerb(value, verb, spec);
}

/** Null when the verb does not fit the value. */
function formatSingle(value: unknown, verb: string, spec: Spec): string | null {
  if (verb === "T") return formatText(typeName(value), "s", spec);
  if (typeof value === "boolean") return /[tv]/.test(verb) ? pad(String(value), spec) : null;
  if (typeof value === "number" || typeof value === "bigint") return formatNumber(value, verb, spec);
  if (isDuration(value) && Object.hasOwn(BASES, verb) && verb !== "v") return formatInteger(value.ns, verb, spec);
  return formatText(goText(value), verb, spec);
}

function wrongVerb(value: unknown, verb: string, spec: Spec): string {
  return `%!${verb}(${typeName(value)}=${formatValue(value, "v", { ...spec, sharp: false })})`;
}

/** The name of the value's type in Go. */
function typeName(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return isWhole(value) ? "int" : "float64";
  if (typeof value === "boolean") return "bool";
  if (isTimestamp(value)) return "time.Time";
  if (isDuration(value)) return "time.Duration";
  if (isPairs(value)) return "template.Pairs";
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? "[]string" : "[]interface {}";
  return typeof value === "object" && value !== null ? "template.KV" : "string";
}

function formatText(text: string, verb: string, spec: Spec): string | null {
  const cut = spec.precision === null ? text : Array.from(text).slice(0, spec.precision).join("");
  switch (verb) {
    case "v":
      return pad(spec.sharp ? goQuote(cut) : cut, spec);
    case "s":
      return pad(cut, spec);
    case "q":
      return pad(goQuote(cut), spec);
    case "x":
    case "X":
      return pad(hexText(text, verb, spec), spec);
    default:
      return null;
  }
}

function hexText(text: string, verb: "x" | "X", spec: Spec): string {
  const bytes = Buffer.from(text, "utf8").subarray(0, spec.precision ?? undefined);
  const hex = (spec.sharp && bytes.length > 0 ? "0x" : "") + bytes.toString("hex");
  return verb === "X" ? hex.toUpperCase() : hex;
}

function formatNumber(value: number | bigint, verb: string, spec: Spec): string | null {
  if (/[eEfFgG]/.test(verb)) return formatFloat(Number(value), verb, spec);
  if (isWhole(value)) return formatInteger(BigInt(value), verb, spec);
  return verb === "v" ? padNumber(printNumber(Number(value)), spec) : null;
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

/** By verb; the prefix is that of the flag #. */
const BASES: Readonly<Record<string, { readonly base: number; readonly prefix: string }>> = {
  b: { base: 2, prefix: "0b" },
  d: { base: 10, prefix: "" },
  o: { base: 8, prefix: "0" },
  v: { base: 10, prefix: "" },
  x: { base: 16, prefix: "0x" },
  X: { base: 16, prefix: "0X" },
};

function formatInteger(value: bigint, verb: string, spec: Spec): string | null {
  const format = Object.hasOwn(BASES, verb) ? BASES[verb] : undefined;
  if (format === undefined) return null;
  const size = (value < 0n ? -value : value).toString(format.base);
  const digits = size.padStart(Math.min(spec.precision ?? 1, MAX_WIDTH), "0");
  const shown = (spec.sharp ? format.prefix : "") + (verb === "X" ? digits.toUpperCase() : digits);
  return padNumber((value < 0n ? "-" : "") + shown, spec.precision === null ? spec : { ...spec, zero: false });
}

function formatFloat(value: number, verb: string, spec: Spec): string {
  if (!Number.isFinite(value)) return padNumber(printNumber(value).replace("+", ""), { ...spec, zero: false });
  const places = spec.precision === null ? null : Math.min(spec.precision, MAX_WIDTH);
  const text = padNumber(floatText(value, verb.toLowerCase(), places), spec);
  return verb === "E" || verb === "G" ? text.toUpperCase() : text;
}

function floatText(value: number, verb: string, places: number | null): string {
  if (verb === "e") return formatExponent(value, places ?? 6);
  return verb === "g" ? formatGeneral(value, places) : formatFixed(value, places ?? 6);
}

/** Adds the sign that the flags ask for; zeros go between the sign and the digits. */
function padNumber(text: string, spec: Spec): string {
  const sign = text.startsWith("-") ? "-" : spec.plus ? "+" : spec.space ? " " : "";
  const digits = text.startsWith("-") ? text.slice(1) : text;
  if (!spec.zero) return pad(sign + digits, spec);
  return sign + pad(digits, { ...spec, width: spec.width - sign.length });
}

function pad(text: string, spec: Spec): string {
  const missing = Math.max(0, spec.width - Array.from(text).length);
  if (spec.minus) return text + " ".repeat(missing);
  return (spec.zero ? "0" : " ").repeat(missing) + text;
}
