// A matcher as either notation reads it: its three tokens, not yet compiled.

export type MatcherOp = "=" | "!=" | "=~" | "!~";

export interface MatcherParts {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** Where its value starts in the text, in UTF-16 units. */
  readonly valueOffset: number;
}

export type ParsedParts =
  | { readonly kind: "parsed"; readonly parts: readonly MatcherParts[] }
  | { readonly kind: "faulty"; readonly message: string; readonly offset: number };
