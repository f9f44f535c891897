// Notifications that the service makes itself: announcements, test alerts, and deliveries that are sent again.

import { type Announcement, announcementOf } from "./actions/announcement.ts";
import type { Config } from "./config/config.ts";
import type { Notification } from "./domain/notification.ts";
import type { Sender } from "./domain/sender.ts";
import type { Outbox } from "./outbox/store.ts";

/** False when the backlog is full: then nothing was stored. Rejects when it cannot be stored. */
export type Announce = (announcement: Announcement, sender: Sender) => Promise<boolean>;

export function announcing(config: Config, outbox: Outbox): Announce {
  return (announcement, sender) => acceptOwn([announcementOf(announcement)], { config, outbox, sender });
}

/**
 * If the process dies before it records that an announcement is stored, the announcement is made again, perhaps much later. The outbox
 * recognises the copy as long as it keeps its history.
 */
const sameWithinMs = 30 * 86_400_000;

interface OwnAccept {
  readonly config: Config;
  readonly outbox: Outbox;
  readonly sender: Sender;
}

/** All are of one bot, so they are stored together. False when the backlog is full. */
export function acceptOwn(notifications: readonly Notification[], own: OwnAccept): Promise<boolean> {
  return accept(notifications, sameWithinMs, own);
}

/** As `acceptOwn`, for what an operator asks to send: it is stored even if it was sent before. */
export function acceptAsked(notifications: readonly Notification[], own: OwnAccept): Promise<boolean> {
  return accept(notifications, 0, own);
}

async function accept(
  notifications: readonly Notification[],
  dedupWindowMs: number,
  { config, outbox, sender }: OwnAccept,
): Promise<boolean> {
  const { maxNotifications, maxBytes } = config.outbox;
  const limits = { maxNotifications, maxBytes, severalBots: config.bots.size > 1 };
  const from = { acceptedAt: outbox.now(), sender, signature: null, unsent: [] };
  const { kind } = await outbox.accept(notifications, { ...limits, ...from, dedupWindowMs });
  return kind !== "full";
}
