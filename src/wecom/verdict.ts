// What WeCom's answer, or its absence, means: one reply in, one verdict out. It decides nothing about when and how often;
// that is deliver's.

import type { FailureReason } from "../domain/reason.ts";

export type Reply =
  /** At most the first 8 kB of the body are kept. */
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /** `before`: the request never left, so it can not have been delivered. `after`: nobody knows. `code` names the fault and holds no address. */
  | { readonly kind: "failed"; readonly stage: "before" | "after"; readonly code: string };

/** What to change about a body that will never pass as it is. */
export type Repair = "split" | "links" | "media" | "plain";

export type Verdict =
  /** Delivered. A warning says that WeCom met a field of the wrong JSON type. */
  | { readonly kind: "sent"; readonly warning: string | null }
  /** The same body again. After `quickTries` in a row the next ones come slowly. In doubt: it may have been delivered. */
  | { readonly kind: "retry"; readonly reason: FailureReason; readonly quickTries: number; readonly inDoubt: boolean }
  /** The key rests; then the same body again. */
  | { readonly kind: "hold"; readonly reason: "rateLimited"; readonly holdMs: number }
  /** This body will never pass: its repair once, then plain text once, then it is dead. */
  | { readonly kind: "repair"; readonly reason: FailureReason; readonly repair: Repair }
  /** The key, or the address, is of no use until someone acts; the same body goes elsewhere or waits. */
  | { readonly kind: "keyOff"; readonly reason: FailureReason };

export interface Judgement {
  readonly verdict: Verdict;
  /** Null when there was no answer with an errcode. */
  readonly errcode: number | null;
  /** For logs and pages: WeCom's own words without hint, caller's IP and key, or what went wrong instead. At most 200 characters. */
  readonly explanation: string;
}

export function judge(_reply: Reply): Judgement {
  throw new Error("to be written");
}
