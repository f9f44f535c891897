// What this service itself puts into the outbox: announcements, test alerts, and deliveries that are sent again.

import { type Announcement, announcementOf } from "./actions/announcement.ts";
import type { Config } from "./config/config.ts";
import type { Notification } from "./domain/notification.ts";
import type { Sender } from "./domain/sender.ts";
import type { AcceptOptions, Outbox } from "./outbox/store.ts";

export type Announce = (announcement: Announcement, sender: Sender) => Promise<void>;

/** Rejects when it cannot be stored, also for lack of room. */
export function announcing(config: Config, outbox: Outbox): Announce {
  return (announcement, sender) => acceptOwn([announcementOf(announcement)], { config, outbox, sender });
}

/**
 * A process that dies before it records that an announcement is stored repeats it, perhaps much later. The outbox recognises copies as
 * long as it keeps its history.
 */
const sameWithinMs = 30 * 86_400_000;

interface OwnAccept {
  readonly config: Config;
  readonly outbox: Outbox;
  readonly sender: Sender;
}

/** Rejects when they cannot be stored, also for lack of room. */
export async function acceptOwn(
  notifications: readonly Notification[],
  { config, outbox, sender }: OwnAccept,
): Promise<void> {
  const options = acceptOptions(config, { acceptedAt: outbox.now(), sender });
  const accepted = await outbox.accept(notifications, { ...options, dedupWindowMs: sameWithinMs });
  if (accepted.kind === "full") throw new Error("the backlog is full");
}

/** For what an operator asks to send: a copy is no duplicate. */
export function acceptOptions(
  { outbox, bots }: Config,
  { acceptedAt, sender }: Pick<AcceptOptions, "acceptedAt" | "sender">,
): AcceptOptions {
  const { maxNotifications, maxBytes } = outbox;
  const limits = { maxNotifications, maxBytes, severalBots: bots.size > 1 };
  return { ...limits, acceptedAt, sender, dedupWindowMs: 0, signature: null, unsent: [] };
}
