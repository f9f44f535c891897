// Matchers as Alertmanager means them: text in, a test of a label set out. Regular expressions are RE2: anchored, linear time.

import type { LabelSet } from "../domain/alert.ts";

export type MatcherOp = "=" | "!=" | "=~" | "!~";

export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** A label that is not there counts as the empty string. */
  matches(labels: LabelSet): boolean;
}

export type ParsedMatchers =
  | { readonly kind: "parsed"; readonly matchers: readonly Matcher[] }
  /** `offset` counts UTF-16 units from the start of the text. */
  | { readonly kind: "faulty"; readonly message: string; readonly offset: number };

export function parseMatchers(_text: string): ParsedMatchers {
  throw new Error("not here yet");
}
