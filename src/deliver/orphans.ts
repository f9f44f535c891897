import type { LaneBacklog, Outbox } from "../outbox/store.ts";
import { sendWindow } from "../wecom/limits.ts";

/**
 * An orphan is a bot with a backlog that is not configured. It has no lane, so an attempt that a dead process left open would never
 * be found and would hold a slot of its key for minutes; the key may belong to another bot now. Only for the start: later, a lane that
 * just ended may still be recording its answer.
 */
export async function closeAttempts(outbox: Outbox, orphans: readonly LaneBacklog[]): Promise<void> {
  for (const { bot } of orphans) await outbox.hold(bot, { keyIds: [], window: sendWindow, now: outbox.now() });
}
