// The part of the outbox that an operator works on: deliveries that WeCom refused for good.

import type { FailureReason } from "../domain/reason.ts";

/** A delivery of which WeCom refused a part for good. Kept until it is pruned. */
export interface DeadDelivery {
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

/** What an operator can do about deliveries that died. Needs no lease: nobody works on what is settled. */
export interface DeadDeliveries {
  /** The latest first. */
  dead(query: { readonly maxDeliveries: number }): Promise<readonly DeadDelivery[]>;

  /**
   * Makes the notifications of these deliveries wait again as they did before they were planned: they are told anew and whole,
   * parts that were sent included, in whatever form today's templates give them. Returns the ids that were dead.
   */
  replay(ids: readonly number[]): Promise<readonly number[]>;

  /** Takes these deliveries off the list. Returns the ids that were on it. */
  drop(ids: readonly number[]): Promise<readonly number[]>;
}
