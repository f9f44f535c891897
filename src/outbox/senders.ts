// Who posted and who was refused, and when last. In memory until it is written once a minute: a webhook does not wait for it.

import type { SenderSeen } from "../domain/sender.ts";
import type { SqlDatabase } from "./engine.ts";

/** In the table, and in memory. Those that were only ever refused go first: anybody can be refused. */
const mostSenders = 1_000;

/** In one commit: SQLite blocks the event loop while it writes. */
const rowsAtOnce = 100;

/** Senders write their own names. */
const longestName = 200;
const longestRefusal = 500;

interface StoredSender {
  readonly address: string;
  readonly user_agent: string;
  readonly receiver: string;
  readonly source: SenderSeen["source"];
  readonly posted_at: number;
  readonly refused_at: number;
  readonly refusal: string;
}

export class Senders {
  readonly #db: SqlDatabase;
  #seen = new Map<string, SenderSeen>();

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  note(seen: SenderSeen): void {
    put(this.#seen, {
      ...seen,
      address: shortened(seen.address, longestName),
      userAgent: shortened(seen.userAgent, longestName),
      receiver: shortened(seen.receiver, longestName),
      refusal: shortened(seen.refusal, longestRefusal),
    });
    if (this.#seen.size > 2 * mostSenders) {
      const kept = [...this.#seen].sort(([, one], [, other]) => latestFirst(one, other)).slice(0, mostSenders);
      this.#seen = new Map(kept);
    }
  }

  async all(): Promise<readonly SenderSeen[]> {
    const rows = await this.#db.all<StoredSender>("select * from senders");
    const all = new Map<string, SenderSeen>();
    for (const seen of [...rows.map(seenIn), ...this.#seen.values()]) put(all, seen);
    return [...all.values()].sort(latestFirst).slice(0, mostSenders);
  }

  /** Does nothing when there is nothing new. When it fails, all is written the next time. */
  async write(): Promise<void> {
    const written = this.#seen;
    if (written.size === 0) return;
    this.#seen = new Map();
    // Replicas write in one order, so that no two wait for each other.
    const rows = [...written].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, seen]) => seen);
    try {
      for (let n = 0; n < rows.length; n += rowsAtOnce) await this.#writeSome(rows.slice(n, n + rowsAtOnce));
    } catch (cause) {
      for (const seen of rows) put(this.#seen, seen);
      throw cause;
    }
  }

  #writeSome(rows: readonly SenderSeen[]): Promise<void> {
    return this.#db.transaction(async (sql) => {
      for (const { address, userAgent, receiver, source, postedAt, refusedAt, refusal } of rows) {
        await sql.all(upsert, [address, userAgent, receiver, source, postedAt, refusedAt, refusal]);
      }
      await sql.all(deleteOldest);
    });
  }
}

const key = "address, user_agent, receiver, source";

const upsert = `insert into senders as s (${key}, posted_at, refused_at, refusal)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (${key}) do update set
    posted_at = case when excluded.posted_at > s.posted_at then excluded.posted_at else s.posted_at end,
    refused_at = case when excluded.refused_at > s.refused_at then excluded.refused_at else s.refused_at end,
    refusal = case when excluded.refused_at > s.refused_at then excluded.refusal else s.refusal end`;

const deleteOldest = `delete from senders where (${key}) in (
  select ${key} from senders order by posted_at desc, refused_at desc limit 1000000 offset ${mostSenders})`;

function put(all: Map<string, SenderSeen>, seen: SenderSeen): void {
  const id = JSON.stringify([seen.address, seen.userAgent, seen.receiver, seen.source]);
  const known = all.get(id);
  const refused = known !== undefined && known.refusedAt > seen.refusedAt ? known : seen;
  all.set(id, {
    ...seen,
    postedAt: Math.max(seen.postedAt, known?.postedAt ?? 0),
    refusedAt: refused.refusedAt,
    refusal: refused.refusal,
  });
}

function latestFirst(one: SenderSeen, other: SenderSeen): number {
  return other.postedAt - one.postedAt || other.refusedAt - one.refusedAt;
}

/** PostgreSQL stores no NUL, and no engine half a character. */
function shortened(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll("\0", " ").toWellFormed();
}

function seenIn(row: StoredSender): SenderSeen {
  return {
    address: row.address,
    userAgent: row.user_agent,
    receiver: row.receiver,
    source: row.source,
    postedAt: row.posted_at,
    refusedAt: row.refused_at,
    refusal: row.refusal,
  };
}
