// What became of the last try to store: for the log, the metrics and the status. A failure that is expected is one line when it begins
// and one when it ends, however many webhooks it rejects.

import type { StorageReason } from "../domain/reason.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** The database as a whole, the commits of webhooks, and those of deliveries. */
const storageParts = ["database", "webhooks", "deliveries"] as const;

export type StoragePart = (typeof storageParts)[number];

export interface StorageFailure {
  readonly reason: StorageReason;
  /** By the clock: of the first failure in a row, and of the last one. */
  readonly sinceAt: number;
  readonly lastAt: number;
}

export interface StorageFailures {
  readonly parts: ReadonlyMap<StoragePart, StorageFailure>;
  /** By bot: its last webhook did not fit into the backlog. */
  readonly full: ReadonlyMap<string, StorageFailure>;
}

/** An error line of a part is not repeated sooner: a disk that is nearly full takes small writes between large ones. */
const logSpanMs = 10_000;

export class StorageHealth implements StorageFailures {
  readonly parts = new Map<StoragePart, StorageFailure>();
  readonly full = new Map<string, StorageFailure>();
  readonly #log: Log;
  readonly #clock: Clock;
  /** When the error line of a part was logged; without an entry, its end is not logged either. */
  readonly #loggedAt = new Map<StoragePart, number>();
  readonly #open = new Set<StoragePart>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  failed(part: StoragePart, cause: unknown): void {
    const { reason, detail } = reasonOf(cause);
    const isKnown = [...this.parts.values()].some((failure) => failure.reason === reason);
    const isNew = !this.parts.has(part);
    this.parts.set(part, this.#failure(reason, this.parts.get(part)));
    const now = this.#clock.now();
    const lastLoggedAt = this.#loggedAt.get(part) ?? Number.NEGATIVE_INFINITY;
    if (!isNew || isKnown || now - lastLoggedAt < logSpanMs) return;
    this.#loggedAt.set(part, now);
    this.#open.add(part);
    this.#log.error({ reason, detail }, failing[part]);
    this.#log.debug({ err: cause }, failing[part]);
  }

  worked(part: StoragePart): void {
    const failure = this.parts.get(part);
    if (failure === undefined) return;
    this.parts.delete(part);
    if (part === "database") this.#reachable();
    if (!this.#open.delete(part)) return;
    this.#log.info({ failedMs: this.#clock.now() - failure.sinceAt }, working[part]);
  }

  /** The webhook of these bots did not fit into the backlog. */
  hasNoRoom(bots: readonly string[]): void {
    for (const bot of bots) this.full.set(bot, this.#failure("backlogFull", this.full.get(bot)));
  }

  /** One did. */
  hasRoom(bots: readonly string[]): void {
    if (this.full.size === 0) return;
    const again = bots.filter((bot) => this.full.delete(bot));
    if (again.length > 0) this.#log.info({ bots: again }, "the backlog has room again");
  }

  #failure(reason: StorageReason, before: StorageFailure | undefined): StorageFailure {
    const now = this.#clock.now();
    return { reason, sinceAt: before?.sinceAt ?? now, lastAt: now };
  }

  /** What failed because the database was away is tried with the next webhook or delivery. */
  #reachable(): void {
    for (const part of storageParts) {
      const { reason } = this.parts.get(part) ?? {};
      if (reason === "unreachable" || reason === "noAnswer" || reason === "loginRejected") this.worked(part);
    }
  }
}

function reasonOf(cause: unknown): { readonly reason: StorageReason; readonly detail: string } {
  if (isAway(cause)) return cause;
  return { reason: "other", detail: cause instanceof Error ? cause.message : String(cause) };
}

/** OutboxAway, which this folder does not know. */
function isAway(cause: unknown): cause is { readonly reason: StorageReason; readonly detail: string } {
  return cause instanceof Error && "code" in cause && cause.code === "outbox_away";
}

const failing: Readonly<Record<StoragePart, string>> = {
  database: "database unavailable: webhooks get 503 and nothing is sent",
  webhooks: "webhooks cannot be stored and get 503",
  deliveries: "deliveries cannot be recorded, so nothing is sent",
};

const working: Readonly<Record<StoragePart, string>> = {
  database: "database available again",
  webhooks: "webhooks are stored again",
  deliveries: "deliveries are recorded again",
};
