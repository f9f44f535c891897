// Bots that no config names any more, and what still waits for them: it stays, and is told when the bot is named again.

import type { LaneBacklog, Outbox } from "../outbox/store.ts";

export async function findOrphans(
  outbox: Pick<Outbox, "backlog">,
  isConfigured: (bot: string) => boolean,
): Promise<readonly LaneBacklog[]> {
  const backlog = await outbox.backlog();
  return backlog.filter(({ bot }) => !isConfigured(bot));
}

export interface Claim {
  readonly owner: string;
  readonly now: number;
  readonly leaseMs: number;
}

/**
 * No loop works for an orphan, so nobody would find an attempt that a dead process left open, and it would hold a slot of its key for
 * ever; the key may belong to another bot now. Only at the start: a lane that just ended may still be recording.
 */
export async function closeAttempts(
  outbox: Pick<Outbox, "lease" | "discover" | "release">,
  orphans: readonly LaneBacklog[],
  { owner, now, leaseMs }: Claim,
): Promise<void> {
  for (const { bot } of orphans) {
    const lease = await outbox.lease(bot, { owner, now, untilAt: now + leaseMs });
    if (lease === null) continue;
    await outbox.discover(lease, now);
    await outbox.release(lease);
  }
}
