// Numbers as Go prints them: %f, %e and %g of strconv, rounded half to even on the exact value, where JavaScript rounds
// ties up.

/** Plain digits where Go would print a large float with an exponent. */
export function printNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** %f: `places` digits after the point. */
export function formatFixed(value: number, places: number): string {
  const digits = scaled(Math.abs(value), places)
    .toString()
    .padStart(places + 1, "0");
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return signOf(value) + text;
}

/** %e: one digit, `places` more, and an exponent of at least two digits. Null: as many as identify the value. */
export function formatExponent(value: number, places: number | null): string {
  const { digits, exponent } = significant(Math.abs(value), places === null ? null : places + 1);
  const rest = digits.slice(1).padEnd(places ?? 0, "0");
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${signOf(value)}${digits.slice(0, 1)}${rest === "" ? "" : `.${rest}`}e${exponent < 0 ? "-" : "+"}${size}`;
}

/** %g: `precision` significant digits without trailing zeros. Null: as many as identify the value. */
export function formatGeneral(value: number, precision: number | null): string {
  const wanted = precision === 0 ? 1 : precision;
  const { digits, exponent } = significant(Math.abs(value), wanted);
  const limit =
    wanted === null ? GENERAL_LIMIT : wanted > digits.length && digits.length > exponent ? digits.length : wanted;
  if (exponent < -4 || exponent >= limit) return formatExponent(value, digits.length - 1);
  return formatFixed(value, Math.max(0, digits.length - exponent - 1));
}

/** From this power of ten on %g prints an exponent when the format has no precision. */
const GENERAL_LIMIT = 6;

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** Significant digits without trailing zeros, and the power of ten of the first. */
function significant(size: number, count: number | null): { readonly digits: string; readonly exponent: number } {
  if (size === 0) return { digits: "0", exponent: 0 };
  const [mantissa = "", power = "0"] = size.toExponential().split("e");
  if (count === null) return { digits: mantissa.replace(".", ""), exponent: Number(power) };
  // The shortest digits may have been rounded up to the next power of ten: 1e-323 stands for 9.88e-324.
  const isBelow = scaled(size, count - 1 - Number(power)).toString().length < count;
  const first = Number(power) - (isBelow ? 1 : 0);
  const rounded = scaled(size, count - 1 - first).toString();
  return { digits: rounded.replace(/0+$/, ""), exponent: first + (rounded.length > count ? 1 : 0) };
}

/** size × 10^places, rounded half to even. This is exact, because a double is mantissa × 2^power. */
function scaled(size: number, places: number): bigint {
  const [mantissa, power] = split(size);
  const numerator = mantissa * 2n ** BigInt(Math.max(0, power)) * 10n ** BigInt(Math.max(0, places));
  const denominator = 2n ** BigInt(Math.max(0, -power)) * 10n ** BigInt(Math.max(0, -places));
  const quotient = numerator / denominator;
  const rest = (numerator % denominator) * 2n;
  const up = rest > denominator || (rest === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function split(size: number): readonly [mantissa: bigint, power: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  const word = bits.getBigUint64(0);
  const exponent = Number(word >> 52n) & 0x7ff;
  const fraction = word & (2n ** 52n - 1n);
  return exponent === 0 ? [fraction, -1074] : [fraction + 2n ** 52n, exponent - 1075];
}
