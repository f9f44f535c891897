import type { StorageReason } from "../domain/reason.ts";

/** Thrown by every write of a lane but `settle`, when another process wrote to the lane before. Nothing was written. */
export class LaneLost extends Error {
  readonly code = "lane_lost";
  constructor(bot: string) {
    super(`another process wrote to the lane of bot ${bot}; it is read again`);
  }
}

/** Those of an outbox that cannot be used. */
export type AwayReason = Exclude<StorageReason, "backlogFull" | "other">;

/**
 * Thrown when the file cannot be written, or the database cannot be reached or did not answer in time; a temporary failure. Nothing
 * was written, or it is not known whether: accepting again then finds its copies, and an attempt that was begun is in doubt.
 */
export class OutboxAway extends Error {
  readonly code = "outbox_away";
  readonly reason: AwayReason;
  /** What the engine said. */
  readonly detail: string;
  constructor(reason: AwayReason, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`${meanings[reason]} (${detail})`, { cause });
    this.reason = reason;
    this.detail = detail;
  }
}

const meanings: Readonly<Record<AwayReason, string>> = {
  diskFull: "the disk of the outbox is full",
  notWritable: "the outbox cannot be written",
  loginRejected: "the outbox's database rejects the login",
  unreachable: "the outbox's database cannot be reached",
  noAnswer: "the outbox's database does not answer in time",
};

/** Thrown when the rows are not in the state that the caller expects: an error of the caller. Nothing was written. */
export class OutboxConflict extends Error {
  readonly code = "outbox_conflict";
}

/** Thrown by `retract` when a part was sent, is being sent or is in doubt, or when there is no such open delivery. Nothing was written. */
export class NotRetractable extends Error {
  readonly code = "not_retractable";
  constructor(deliveryId: number) {
    super(`delivery ${deliveryId} cannot be retracted: a part of it may have been delivered, or it is not open`);
  }
}
