// Puts an announcement into the outbox, where it waits for its bot like any notification.

import { type Announcement, announcementOf } from "./actions/announcement.ts";
import type { Config } from "./config/config.ts";
import { acceptOptions } from "./console-deliveries.ts";
import type { Sender } from "./domain/sender.ts";
import type { Outbox } from "./outbox/store.ts";

export type Announce = (announcement: Announcement, sender: Sender) => Promise<void>;

/** Who announces twice, because he does not know that it was stored, does so within this time. */
const sameWithinMs = 3_600_000;

/** Rejects when it cannot be stored, also for lack of room. */
export function announcing(config: Config, outbox: Outbox): Announce {
  return async (announcement, sender) => {
    const options = acceptOptions(config, { acceptedAt: outbox.now(), sender });
    const accepted = await outbox.accept([announcementOf(announcement)], { ...options, dedupWindowMs: sameWithinMs });
    if (accepted.kind === "full") throw new Error("the backlog is full");
  };
}
