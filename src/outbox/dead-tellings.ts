// The part of the outbox that an operator works on: tellings that WeCom refused for good.

import type { FailureReason } from "../domain/reason.ts";

/** A telling of which WeCom refused a part for good. Kept until it is pruned. */
export interface DeadTelling {
  readonly id: number;
  readonly bot: string;
  readonly notifications: number;
  readonly alerts: number;
  /** When its oldest notification was accepted, and when its last part was settled; epoch ms. */
  readonly acceptedAt: number;
  readonly settledAt: number;
  /** The refused ones, in sending order. */
  readonly parts: readonly { readonly part: number; readonly reason: FailureReason | null; readonly body: string }[];
}

/** What an operator can do about tellings that died. Needs no lease: nobody works on what is settled. */
export interface DeadTellings {
  /** The latest first. */
  dead(query: { readonly maxTellings: number }): Promise<readonly DeadTelling[]>;

  /**
   * Makes the notifications of these tellings wait again as they did before they were planned: they are told anew and whole,
   * parts that were sent included, in whatever form today's templates give them. Returns the ids that were dead.
   */
  replay(ids: readonly number[]): Promise<readonly number[]>;

  /** Takes these tellings off the list. Returns the ids that were on it. */
  drop(ids: readonly number[]): Promise<readonly number[]>;
}
