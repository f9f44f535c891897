// A matcher as both notations read it: three tokens, not yet compiled.

export type MatcherOp = "=" | "!=" | "=~" | "!~";

export interface MatcherParts {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** Where the value starts in the text, in UTF-16 units. */
  readonly valueOffset: number;
}

export type ParsedParts =
  | { readonly kind: "parsed"; readonly parts: readonly MatcherParts[] }
  | { readonly kind: "invalid"; readonly message: string; readonly offset: number };
