// What an outbox throws: the lane changed hands, the caller is mistaken, or the database is away.

/** Thrown by every write of a lane but `settle`, when the lease is gone. The holder stops; nothing was written. */
export class LeaseLost extends Error {
  readonly code = "lease_lost";
  constructor(bot: string) {
    super(`the lease of bot ${bot} was lost; another process works for it now`);
  }
}

/**
 * Thrown when the database can not be reached, or did not do it in time; it passes. Nothing was written, or it is not known whether:
 * then accepting again finds its copies, and whatever was begun is in doubt.
 */
export class OutboxAway extends Error {
  readonly code = "outbox_away";
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the outbox's database can not be reached or is too slow (${reason}); it is tried again`, { cause });
  }
}

/** Thrown when the rows are not in the state that the caller believes: a mistake of the caller. Nothing was written. */
export class OutboxConflict extends Error {
  readonly code = "outbox_conflict";
}

/** Thrown by `retract` when a part was sent, is being sent or is in doubt, or no such delivery is open. Nothing was written. */
export class NotRetractable extends Error {
  readonly code = "not_retractable";
  constructor(deliveryId: number) {
    super(`delivery ${deliveryId} can not be taken back: a part of it may have been delivered, or it is not open`);
  }
}
