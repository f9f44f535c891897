import type { Source } from "./alert.ts";

/** Who posted a webhook. */
export interface Sender {
  /** Of the peer: a proxy's when there is one. */
  readonly address: string;
  /** Empty when it sends none. */
  readonly userAgent: string;
}

/** When a sender posted and was refused last, over all replicas. Of a thousand, the least recent goes. */
export interface SenderSeen extends Sender {
  /** Empty when its body was not read. */
  readonly receiver: string;
  readonly source: Source | "unknown";
  /** When a webhook of it was accepted; 0 for never. */
  readonly postedAt: number;
  /** 0 for never. */
  readonly refusedAt: number;
  /** Why: the status and the JSON of the answer; empty for never. */
  readonly refusal: string;
}
