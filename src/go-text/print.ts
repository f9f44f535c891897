// Go's fmt.Sprint and fmt.Sprintln: values in, text out.
import { show } from "./show.ts";

/** A space only between two values of which neither is text. */
export function print(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const isSpaced = index > 0 && !isText(value) && !isText(values[index - 1]);
      return (isSpaced ? " " : "") + show(value);
    })
    .join("");
}

export function println(values: readonly unknown[]): string {
  return `${values.map(show).join(" ")}\n`;
}

/** What is missing is empty text, as a missing label is in Go. */
function isText(value: unknown): boolean {
  return typeof value === "string" || value === undefined || value === null;
}
