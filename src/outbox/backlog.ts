import { sql } from "kysely";
import type { Database } from "./schema.ts";
import type { LaneBacklog } from "./store.ts";

export interface Backlog {
  readonly notifications: number;
  /** UTF-8 length of their stored JSON. */
  readonly bytes: number;
}

export const emptyBacklog: Backlog = { notifications: 0, bytes: 0 };

export function sumOfBacklogs(a: Backlog, b: Backlog): Backlog {
  return { notifications: a.notifications + b.notifications, bytes: a.bytes + b.bytes };
}

/** Of all bots. Reads every waiting row (0.1 s for 100,000): an engine with one process counts once, when it opens. */
export async function countBacklog(db: Database): Promise<Backlog> {
  return (await readCounts(db)).reduce(sumOfBacklogs, emptyBacklog);
}

export async function readBacklog(db: Database): Promise<readonly LaneBacklog[]> {
  const lanes = Map.groupBy(await readCounts(db), ({ bot }) => bot);
  return [...lanes].map(([bot, counts]) => ({
    bot,
    notifications: counts.reduce(sumOfBacklogs, emptyBacklog).notifications,
    oldestAcceptedAt: Math.min(...counts.map(({ oldestAcceptedAt }) => oldestAcceptedAt)),
  }));
}

/** Of each bot, one row for what waits to be planned and one for what is planned. */
function readCounts(db: Database) {
  // The casts: PostgreSQL's sum of a bigint is a numeric.
  return db
    .selectFrom("notifications")
    .select(["bot", sql<number>`count(*)`.as("notifications"), sql<number>`cast(sum(bytes) as bigint)`.as("bytes")])
    .select((eb) => eb.fn.min("accepted_at").as("oldestAcceptedAt"))
    .where("delivery_id", "is", null)
    .groupBy("bot")
    .unionAll(
      db
        .selectFrom("deliveries")
        .select([
          "bot",
          sql<number>`sum(notifications)`.as("notifications"),
          sql<number>`cast(sum(bytes) as bigint)`.as("bytes"),
        ])
        .select((eb) => eb.fn.min("accepted_at").as("oldestAcceptedAt"))
        .where("settled_at", "is", null)
        .groupBy("bot"),
    )
    .execute();
}

/** Other processes may exceed the limits by what they accept in this time, and no more. */
const recountMs = 5_000;

/**
 * The backlog of a shared database, without counting at each accept: it is counted every few seconds and adjusted by our own changes
 * in between. Changes of other processes are seen at the next count.
 */
export class BacklogCount {
  readonly #count: () => Promise<Backlog>;
  readonly #now: () => number;
  #known: Backlog;
  #countedAt: number;
  /** Added since the running count began: it may be in that count or not, and too high is safe. */
  #addedMeanwhile: Backlog | null = null;

  constructor(first: Backlog, now: () => number, count: () => Promise<Backlog>) {
    this.#known = first;
    this.#now = now;
    this.#countedAt = now();
    this.#count = count;
  }

  /** Starts a new count in the background when the last one is old. */
  get(): Backlog {
    if (this.#addedMeanwhile === null && this.#now() - this.#countedAt >= recountMs) void this.#recount();
    return this.#known;
  }

  change(by: Backlog): void {
    this.#known = sumOfBacklogs(this.#known, by);
    if (this.#addedMeanwhile !== null && by.notifications > 0)
      this.#addedMeanwhile = sumOfBacklogs(this.#addedMeanwhile, by);
  }

  async #recount(): Promise<void> {
    this.#addedMeanwhile = emptyBacklog;
    this.#countedAt = this.#now();
    try {
      const counted = await this.#count();
      this.#known = sumOfBacklogs(counted, this.#addedMeanwhile);
    } catch {
      // The database is away or slow: the known count stays, and a later accept counts again.
    } finally {
      this.#addedMeanwhile = null;
    }
  }
}
