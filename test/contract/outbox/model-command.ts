// The steps of the model, in any order. A step without anything to do does nothing.

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
  | { readonly kind: "hold" }
  | { readonly kind: "reopen" };

const few = fc.integer({ min: 1, max: 3 });
const nth = fc.nat(4);

export const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("accept" as const), count: few, urgent: fc.boolean() }),
  fc.record({ kind: fc.constant("plan" as const), count: few, parts: few }),
  fc.record({ kind: fc.constant("begin" as const), nth }),
  fc.record({
    kind: fc.constant("settle" as const),
    as: fc.constantFrom("sent", "again", "replaced", "dead"),
    inDoubt: fc.boolean(),
    parts: few,
  }),
  fc.record({ kind: fc.constant("retract" as const), nth }),
  fc.record({ kind: fc.constant("hold" as const) }),
  fc.record({ kind: fc.constant("reopen" as const) }),
);
