// A table of two sides: each figure's median of the rounds, its least and most, and the ratio of the medians.

import { spread } from "../replicas/measure.ts";

export interface Row<T> {
  readonly label: string;
  readonly digits: number;
  readonly value: (run: T) => number;
}

/** `sides`: the runs of each; one or two. The ratio is that of the first to the second. */
export function printTable<T>(title: string, sides: readonly (readonly T[])[], rows: readonly Row<T>[]): void {
  const headings = ["this", "other", "this/other"].slice(0, sides.length === 1 ? 1 : 3);
  console.log(`\n${title.padEnd(46)}${headings.map((heading) => heading.padStart(28)).join("")}`);
  for (const { label, digits, value } of rows) {
    const spreads = sides.map((runs) => spread(runs.map(value)));
    const cells = spreads.map(({ median, least, most }) => {
      const [shown, from, to] = [median, least, most].map((one) => one.toFixed(digits));
      return Number.isNaN(median) ? "-" : from === to ? `${shown}` : `${shown} (${from} to ${to})`;
    });
    const [own, other] = spreads;
    if (own !== undefined && other !== undefined) cells.push(ratioOf(own.median, other.median));
    console.log(`  ${label.padEnd(44)}${cells.map((cell) => cell.padStart(28)).join("")}`);
  }
}

function ratioOf(own: number, other: number): string {
  if (own === other) return "=";
  return other === 0 || Number.isNaN(own / other) ? "-" : (own / other).toFixed(2);
}
