// Go's fmt.Sprintf for template values: a format and values in, text out. Never throws: a wrong verb is told in the text,
// as in Go. Differs where JavaScript has one type of number: %d refuses fractions, %f takes whole numbers.

import { isDuration } from "./duration.ts";
import { isPairs } from "./pairs.ts";
import { formatInteger, formatNumber, isWhole, pad, type Spec } from "./printf-number.ts";
import { quote } from "./quote.ts";
import { show } from "./show.ts";
import { isTimestamp } from "./timestamp.ts";

const DIRECTIVE = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:(\.)(?:\[(\d+)\])?(\*|\d+)?)?(?:\[(\d+)\])?(.?)/gsu;

export function printf(format: string, values: readonly unknown[]): string {
  const cursor = createCursor(values);
  const text = format.replace(DIRECTIVE, (...match) => {
    const [, flags = "", first, width, point, second, precision, third, verb = ""] = match as (string | undefined)[];
    if (verb === "") return "%!(NOVERB)";
    if (verb === "%") return "%";
    const spec: Spec = {
      minus: flags.includes("-") || (width === "*" && starNumber(cursor.peek(first)) < 0),
      plus: flags.includes("+"),
      sharp: flags.includes("#"),
      space: flags.includes(" "),
      zero: flags.includes("0") && !flags.includes("-"),
      width: width === "*" ? Math.abs(starNumber(cursor.take(first))) : Number(width ?? 0),
      precision:
        point === undefined ? null : precision === "*" ? starNumber(cursor.take(second)) : Number(precision ?? 0),
    };
    const index = third ?? (precision === "*" ? undefined : second) ?? (width === "*" ? undefined : first);
    if (index !== undefined && !cursor.has(index)) return `%!${verb}(BADINDEX)`;
    if (!cursor.has(index)) return `%!${verb}(MISSING)`;
    return formatValue(cursor.take(index), verb, spec);
  });
  return text + cursor.extra();
}

/** What a value means for a `*`. Number() itself throws for objects that have a `toString` of their own, as JSON may bring. */
function starNumber(value: unknown): number {
  return typeof value === "object" ? Number.NaN : Number(value);
}

/** Walks the values in order; an index like %[2]s moves it, and then nothing counts as extra. */
function createCursor(values: readonly unknown[]) {
  let next = 0;
  let wasMoved = false;
  const place = (index: string | undefined) => (index === undefined ? next : Number(index) - 1);
  return {
    has(index: string | undefined): boolean {
      wasMoved ||= index !== undefined;
      return place(index) >= 0 && place(index) < values.length;
    },
    peek: (index: string | undefined) => values[place(index)],
    take(index: string | undefined): unknown {
      next = place(index) + 1;
      return values[next - 1];
    },
    extra(): string {
      const rest = values.slice(next).map((value) => `${typeName(value)}=${show(value)}`);
      return wasMoved || rest.length === 0 ? "" : `%!(EXTRA ${rest.join(", ")})`;
    },
  };
}

function formatValue(value: unknown, verb: string, spec: Spec): string {
  if (verb === "T") return formatText(typeName(value), "s", spec) ?? "";
  if (typeof value === "boolean") return /[tv]/.test(verb) ? pad(String(value), spec) : wrongVerb(value, verb, spec);
  if (typeof value === "number" || typeof value === "bigint")
    return formatNumber(value, verb, spec) ?? wrongVerb(value, verb, spec);
  if (isDuration(value) && /[bcdoxXU]/.test(verb))
    return formatInteger(value.ns, verb, spec) ?? wrongVerb(value, verb, spec);
  if (Array.isArray(value) && !isPairs(value)) {
    return `[${value.map((item) => formatValue(item, verb, spec)).join(" ")}]`;
  }
  return formatText(show(value), verb, spec) ?? wrongVerb(value, verb, spec);
}

function formatText(text: string, verb: string, spec: Spec): string | null {
  const cut = spec.precision === null ? text : Array.from(text).slice(0, spec.precision).join("");
  switch (verb) {
    case "v":
      return pad(spec.sharp ? quote(cut, {}) : cut, spec);
    case "s":
      return pad(cut, spec);
    case "q":
      return pad(quote(cut, { ascii: spec.plus, raw: spec.sharp }), spec);
    case "x":
    case "X":
      return pad(hexText(text, verb, spec), spec);
    default:
      return null;
  }
}

function hexText(text: string, verb: "x" | "X", spec: Spec): string {
  const bytes = Buffer.from(text, "utf8").subarray(0, spec.precision ?? undefined);
  const prefix = spec.sharp && bytes.length > 0 ? "0x" : "";
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const hex = spec.space ? pairs.join(` ${prefix}`) : pairs.join("");
  return verb === "X" ? (prefix + hex).toUpperCase() : prefix + hex;
}

function wrongVerb(value: unknown, verb: string, spec: Spec): string {
  return `%!${verb}(${typeName(value)}=${formatValue(value, "v", { ...spec, sharp: false })})`;
}

/** The name Go gives to such a value. */
function typeName(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return isWhole(value) ? "int" : "float64";
  if (typeof value === "boolean") return "bool";
  if (isTimestamp(value)) return "time.Time";
  if (isDuration(value)) return "time.Duration";
  if (isPairs(value)) return "template.Pairs";
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? "[]string" : "[]interface {}";
  return typeof value === "object" && value !== null ? "template.KV" : "string";
}
