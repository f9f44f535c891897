// How much the running template may still print: what would be cut away in the end is not worth printing.

/** Thrown when a template printed more than its caller has any use for. */
export class PrintsTooMuch extends Error {
  readonly code = "prints_too_much";
}

/** Of one environment, whose templates run one at a time, each to its end. */
export class OutputBudget {
  #left = 0;

  /** A template begins that may print so many characters of values. */
  open(most: number): void {
    this.#left = most;
  }

  /** The text, when there is room for it. */
  take(text: string): string {
    this.#left -= text.length;
    if (this.#left < 0) throw new PrintsTooMuch("it prints too much");
    return text;
  }
}
