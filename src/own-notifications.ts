// Puts announcements of this service into the outbox, where it waits for its bot like any notification.

import { type Announcement, announcementOf } from "./actions/announcement.ts";
import type { Config } from "./config/config.ts";
import { acceptOptions } from "./console-deliveries.ts";
import type { Notification } from "./domain/notification.ts";
import type { Sender } from "./domain/sender.ts";
import type { Outbox } from "./outbox/store.ts";

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
