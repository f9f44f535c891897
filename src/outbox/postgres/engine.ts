import type { LoadedLane, OutboxEngine, StoredNotification } from "../engine.ts";
import type { HoldQuery } from "../lane.ts";
import type { LaneChange, WriteResult } from "../lane-change.ts";
import type { HistoryRecord, NewNotificationRow } from "../rows.ts";
import type { Replica, WorkListener } from "../store.ts";
import { headColumns } from "../tables.ts";
import type { Heartbeat, KnownCount, LocalClock } from "./heartbeat.ts";
import { type Listen, Notifier, notifyChannel } from "./notifier.ts";
import { type ProbedPool, runOn, type Statement } from "./pool.ts";
import { PostgresDatabase } from "./sql-database.ts";
import { type PlacedNotification, storedNotifications, storeStatement } from "./store-rows.ts";
import { batchesOf } from "./write-batch.ts";
import { type WrittenBatch, writeStatement } from "./write-statement.ts";

/** After a failed commit: about as long as a beat may take to notice that the database is back. */
const pauseMs = 1_000;

export interface PostgresEngineOptions {
  readonly pool: ProbedPool;
  readonly listen: Listen;
  readonly heartbeat: Heartbeat;
  /** The name of this process. */
  readonly owner: string;
  readonly run: number;
  readonly clock: LocalClock;
  readonly databaseNow: string;
}

export class PostgresEngine implements OutboxEngine {
  readonly run: number;
  readonly shared = true;
  readonly shrinks = false;
  readonly db: PostgresDatabase;
  readonly #options: PostgresEngineOptions;
  readonly #notifier: Notifier;

  constructor(options: PostgresEngineOptions) {
    const { pool, heartbeat, clock, owner, listen } = options;
    this.db = new PostgresDatabase(pool);
    this.run = options.run;
    this.#options = options;
    this.#notifier = new Notifier({
      owner,
      listen,
      notify: (payload) =>
        this.#run({ name: "notify", text: "select pg_notify($1, $2)", values: [notifyChannel, payload] }),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      look: () => heartbeat.tickNow(),
    });
  }

  now(): number {
    return this.#options.heartbeat.now();
  }

  shareConfig(hash: string): void {
    this.#options.heartbeat.shareConfig(hash);
  }

  replicas(): Promise<readonly Replica[]> {
    const text = `select owner as name, config_hash as "configHash" from owners where until_at > $1 and config_hash <> '' order by 1`;
    return this.#run<Replica>({ name: null, text, values: [this.now()] });
  }

  term(): number | null {
    return this.#options.heartbeat.term();
  }

  async store(
    rows: readonly NewNotificationRow[],
    records: readonly HistoryRecord[],
  ): Promise<readonly StoredNotification[]> {
    return storedNotifications(await this.#run<PlacedNotification>(storeStatement(rows, records)), rows);
  }

  async load(bot: string, query: HoldQuery): Promise<LoadedLane> {
    const [lane] = await this.#run<LoadedLane>(loadStatement(bot, query, this.#options.owner));
    if (lane === undefined) throw new Error("PostgreSQL answered a select of one row with none");
    return lane;
  }

  async write(changes: readonly LaneChange[]): Promise<readonly WriteResult[]> {
    const results: WriteResult[] = [];
    for (const batch of batchesOf(changes)) {
      const [written] = await this.#run<WrittenBatch>(writeStatement(batch, this.#options));
      const held = new Set(written?.held);
      const begun = new Set(written?.begun);
      for (const { n, lane, markedKey } of batch.changes) {
        const isHeld = lane === null || held.has(lane);
        results[n] = { held: isHeld, begun: isHeld && markedKey !== null && begun.has(markedKey) };
      }
    }
    return results;
  }

  announce(bots: readonly string[]): void {
    this.#notifier.work(bots);
  }

  announceRetry(bots: readonly string[]): void {
    this.#notifier.retry(bots);
  }

  announceReleased(): void {
    void this.#notifier.released();
  }

  watch(found: WorkListener, known: KnownCount): void {
    this.#options.heartbeat.start(found, known);
    this.#notifier.start(found);
  }

  /** Of the tables that grow, with their indexes. The schema may have tables of others. */
  async diskBytes(): Promise<number> {
    const [row] = await this.db.all<{ readonly bytes: number }>(`
      select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint as bytes from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r'
        and relname in ('dedup', 'deliveries', 'history', 'media', 'messages', 'notifications', 'states')`);
    return row?.bytes ?? 0;
  }

  // Autovacuum does.
  async reclaim(): Promise<void> {}

  pause(closing: AbortSignal): Promise<void> {
    return this.#options.clock.sleep(pauseMs, closing);
  }

  async close(): Promise<void> {
    await this.#options.heartbeat.stop();
    await this.#notifier.stop();
    await this.#options.pool.end();
  }

  #run<Row>(statement: Statement): Promise<readonly Row[]> {
    return runOn<Row>(this.#options.pool, statement);
  }
}

const listOf = (select: string) => `(select coalesce(json_agg(item), '[]') from (${select}) as item)`;

const openDeliveries = "from deliveries where bot = $1 and settled_at is null";
const openMessages = `from messages where delivery_id = any(array(select id ${openDeliveries}))`;

const loadText = `
  select
    (select to_json(item) from (select version, normal_at, urgent_at from lanes where bot = $1) as item) as lane,
    coalesce((select until_at from lanes join owners using (owner) where bot = $1 and owner <> $5), 0) as "othersUntilAt",
    ${listOf(`select ${headColumns} from notifications where bot = $1 and dead_delivery_id is null`)} as heads,
    ${listOf(`select * ${openDeliveries} order by planned_at, id`)} as deliveries,
    ${listOf(`select * ${openMessages} order by delivery_id, place`)} as messages,
    ${listOf(`select * from attempts where key_id = any($2::text[]) and started_at > $3
        and (answered_at is null or answered_at > $4)
      union all
      select * from attempts where message_id = any(array(select id ${openMessages})) and answered_at is null`)} as attempts,
    ${listOf("select * from keys where key_id = any($2)")} as keys,
    ${listOf("select * from windows where key_id = any($2)")} as windows,
    ${listOf("select * from media_ids where key_id = any($2)")} as "mediaIds",
    ${listOf("select * from states where bot = $1")} as states`;

/**
 * Returns one row: the loaded lane. An attempt may be in it twice, as one of a key and as one of an open message.
 *
 * @param owner the name of this process
 */
function loadStatement(bot: string, { keyIds, window, now }: HoldQuery, owner: string): Statement {
  const answeredAfter = now - window.spanMs;
  return {
    name: "load",
    text: loadText,
    values: [bot, keyIds, answeredAfter - window.longestRequestMs, answeredAfter, owner],
  };
}
