// An outbox in memory that keeps what the outbox promises of `accept`: all of a call is stored or none, with its signature. It is
// the disk too: receivers that share one are replicas, or processes one after the other. It has no limit of bytes.

import { setImmediate as turn } from "node:timers/promises";
import type { Notification } from "../../../src/domain/notification.ts";
import type { AcceptOptions, AcceptResult } from "../../../src/outbox/store.ts";

export class MemoryOutbox {
  readonly now: () => number;
  readonly stored: Notification[] = [];
  /** In place of the commits, while it is set. */
  failure: Error | null = null;
  readonly #signatures = new Map<string, number>();
  readonly #acceptedAt = new Map<string, number>();

  constructor(now: () => number) {
    this.now = now;
  }

  async accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    await turn();
    const { acceptedAt, maxNotifications, signature } = options;
    if (signature !== null && (this.#signatures.get(signature.id) ?? 0) > this.now()) return { kind: "replayed" };
    const fresh = notifications.filter((one) => !this.#isCopy(one, options));
    if (fresh.length > 0 && this.stored.length + fresh.length > maxNotifications)
      return { kind: "full", bots: ["ops"], stored: 0, duplicates: 0 };
    if (this.failure !== null) throw this.failure;

    if (signature !== null) this.#signatures.set(signature.id, signature.expiresAt);
    for (const { dedupKey } of fresh) if (dedupKey !== null) this.#acceptedAt.set(dedupKey, acceptedAt);
    this.stored.push(...fresh);
    return { kind: "stored", stored: fresh.length, duplicates: notifications.length - fresh.length };
  }

  noteSender(): void {}

  #isCopy({ dedupKey }: Notification, { acceptedAt, dedupWindowMs }: AcceptOptions): boolean {
    const lastAt = this.#acceptedAt.get(dedupKey ?? "");
    return lastAt !== undefined && acceptedAt - lastAt < dedupWindowMs;
  }
}
