// Numbers that alerts bring. Integers are shown as they were sent, fractions are shortened.

import type { Alert } from "../../domain/alert.ts";
import type { NameValue } from "./labels.ts";

/** Grafana writes some hundred characters for each value. A longer text is not searched: that takes too long. */
const valueStringMaxChars = 20_000;

/** Grafana's numbers by their ids, else those of its text form; none from other senders. */
export function grafanaReadings(alert: Alert): readonly NameValue[] {
  const values = Object.entries(alert.values ?? {});
  if (values.length > 0) return values.map(([name, value]) => ({ name, value: exactNumber(value) }));
  const searched = alert.valueString;
  if (searched === "" || searched.length > valueStringMaxChars) return [];
  // Each piece from its own `var=` on: one search over the whole text would read the same text again for each value it
  // does not find.
  return searched.split(/(?=\bvar=')/).flatMap((text) => {
    const found = /^var='([^']*)'.*?\bvalue=(\S+)/.exec(text);
    return found === null ? [] : [{ name: found[1] ?? "", value: found[2] ?? "" }];
  });
}

/** `A=92.5, B=1`. */
export function listReadings(readings: readonly NameValue[]): string {
  return readings.map(({ name, value }) => `${name}=${value}`).join(", ");
}

const significantDigits = 6;
const leastFractionDigits = 2;

/** All digits in front of the point; behind it so many that there are six digits in all, and at least two. */
export function exactNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  if (Math.abs(value) < 1) return String(Number(value.toPrecision(significantDigits)));
  const whole = String(Math.trunc(Math.abs(value))).length;
  return value.toFixed(Math.max(leastFractionDigits, significantDigits - whole)).replace(/\.?0+$/, "");
}

/** The results of conditions: 0 or 1 beside another value. */
export function splitThresholds(readings: readonly NameValue[]) {
  const isCondition = ({ value }: NameValue) => value === "0" || value === "1";
  if (readings.every(isCondition)) return { measured: readings, conditions: [] };
  return { measured: readings.filter((one) => !isCondition(one)), conditions: readings.filter(isCondition) };
}
