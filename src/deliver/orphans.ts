import type { LaneBacklog, LeaseClaim, Outbox } from "../outbox/store.ts";

/**
 * An orphan is a bot with a backlog that is not configured. It has no lane, so an attempt that a dead process left open would never
 * be found and would hold a slot of its key until it is pruned; the key may belong to another bot now. Only for the start: later, a lane that just ended may still be recording its answer.
 */
export async function closeAttempts(outbox: Outbox, orphans: readonly LaneBacklog[], claim: LeaseClaim): Promise<void> {
  for (const { bot } of orphans) {
    const lease = await outbox.lease(bot, claim);
    if (lease === null) continue;
    await outbox.discover(lease, claim.now);
    await outbox.release(lease);
  }
}
