// The steps of the model: what may happen to a lane, in any order. A step that finds nothing to do does nothing.

import fc from "fast-check";

export type Command =
  | { readonly kind: "accept"; readonly count: number; readonly urgent: boolean }
  | { readonly kind: "plan"; readonly count: number; readonly parts: number }
  | { readonly kind: "begin"; readonly nth: number }
  | {
      readonly kind: "settle";
      readonly as: "sent" | "again" | "replaced" | "dead";
      readonly inDoubt: boolean;
      readonly parts: number;
    }
  | { readonly kind: "retract"; readonly nth: number }
  | { readonly kind: "reopen" }
  | { readonly kind: "transfer" };

const few = fc.integer({ min: 1, max: 3 });
const nth = fc.nat(4);
const often = (arbitrary: fc.Arbitrary<Command>) => ({ arbitrary, weight: 4 });

/** A transfer makes a storage: it is dear, and rare. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  often(fc.record({ kind: fc.constant("accept" as const), count: few, urgent: fc.boolean() })),
  often(fc.record({ kind: fc.constant("plan" as const), count: few, parts: few })),
  often(fc.record({ kind: fc.constant("begin" as const), nth })),
  often(
    fc.record({
      kind: fc.constant("settle" as const),
      as: fc.constantFrom("sent", "again", "replaced", "dead"),
      inDoubt: fc.boolean(),
      parts: few,
    }),
  ),
  often(fc.record({ kind: fc.constant("retract" as const), nth })),
  often(fc.record({ kind: fc.constant("reopen" as const) })),
  { arbitrary: fc.record({ kind: fc.constant("transfer" as const) }), weight: 1 },
);
