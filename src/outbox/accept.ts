// Webhooks that arrive together share one commit. Each is stored as a whole or not at all.

import type { Notification } from "../domain/notification.ts";
import { type AcceptCall, type Admission, admit, backlogOf, type NewRow, newRow, type PlacedRow } from "./admission.ts";
import type { BacklogCount } from "./backlog.ts";
import { deflated } from "./bodies.ts";
import type { OutboxEngine, StoredNotification } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import type { AcceptOptions, AcceptResult } from "./store.ts";

/** JSON in one commit. SQLite writes this much in about 60 ms, and nothing else runs meanwhile. */
const commitBytes = 4 * 1024 * 1024;

/** A sender that got 503 may send again for this long; what was stored all the same is not stored twice. */
const unansweredMs = 3_600_000;

/** The oldest are forgotten first. */
const mostUnanswered = 100_000;

export interface AcceptedRow extends NewRow {
  readonly id: number;
}

export class Accepts {
  readonly #engine: OutboxEngine;
  readonly #backlog: BacklogCount;
  readonly #stored: (rows: readonly AcceptedRow[]) => void;
  readonly #calls: GroupCommit<AcceptCall, AcceptResult>;
  readonly #running = new Set<Promise<unknown>>();
  /** When a call with this dedup key failed. Its commit may have reached the disk. */
  readonly #unanswered = new Map<string, number>();

  /** @param stored called after the commit, before the calls return */
  constructor(engine: OutboxEngine, backlog: BacklogCount, stored: (rows: readonly AcceptedRow[]) => void) {
    this.#engine = engine;
    this.#backlog = backlog;
    this.#stored = stored;
    this.#calls = new GroupCommit((calls) => this.#storeAll(calls), {
      weigh: ({ rows }) => rows.reduce((sum, { row }) => sum + row.bytes, 0),
      maxWeight: commitBytes,
    });
  }

  add(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    const adding = this.#add(notifications, options);
    this.#running.add(adding);
    return adding.finally(() => this.#running.delete(adding));
  }

  /** Resolves when all calls so far have ended. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #add(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    if (notifications.length === 0) return { kind: "stored", stored: 0, duplicates: 0 };
    const rows = await Promise.all(notifications.map((one) => this.#rowOf(one, options)));
    return this.#calls.add({ rows, options });
  }

  async #rowOf(notification: Notification, options: AcceptOptions): Promise<NewRow> {
    const text = JSON.stringify(notification.routed);
    const failedAt = this.#unanswered.get(notification.dedupKey ?? "");
    const isRetry = failedAt !== undefined && options.acceptedAt - failedAt < unansweredMs;
    const dedupWindowMs = isRetry ? Math.max(options.dedupWindowMs, unansweredMs) : options.dedupWindowMs;
    return newRow(notification, { ...options, dedupWindowMs }, { text, body: await deflated(text) });
  }

  async #storeAll(calls: readonly AcceptCall[]): Promise<readonly AcceptResult[]> {
    const { kinds, placed } = await this.#admit(calls);
    const results = placed.length === 0 ? [] : await this.#commit(placed);
    const byCall = Map.groupBy(results.entries(), ([n]) => placed[n]?.call);
    return calls.map(({ rows }, call) => {
      const own = (byCall.get(call) ?? []).map(([, { kind }]) => kind);
      if (kinds[call] === "full") return { kind: "full" };
      if (kinds[call] === "replayed" || own.includes("replayed")) return { kind: "replayed" };
      const stored = own.filter((kind) => kind === "stored").length;
      return { kind: "stored", stored, duplicates: rows.length - stored };
    });
  }

  /** Copies are looked up only where the limits leave no room for all: else it does not matter how many there are. */
  async #admit(calls: readonly AcceptCall[]): Promise<Admission> {
    const backlog = this.#backlog.get();
    const admission = admit(calls, backlog, new Map());
    if (!admission.kinds.includes("full")) return admission;
    const keys = new Set(calls.flatMap(({ rows }) => rows.map(({ row }) => row.dedup_key)));
    keys.delete("");
    return admit(calls, backlog, await this.#acceptedAt([...keys]));
  }

  async #acceptedAt(dedupKeys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { db } = this.#engine;
    const rows = await db.all<{ readonly key: string; readonly at: number }>(
      `select key, accepted_at as at from dedup where ${db.isOneOf("key", "$1", "text")}`,
      [JSON.stringify(dedupKeys)],
    );
    return new Map(rows.map(({ key, at }) => [key, at]));
  }

  async #commit(placed: readonly PlacedRow[]): Promise<readonly StoredNotification[]> {
    const rows = placed.map(({ fresh }) => fresh);
    const results = await this.#engine.store(rows.map(({ row }) => row)).catch((cause: unknown) => {
      this.#failed(rows);
      throw cause;
    });
    for (const { row } of rows) this.#unanswered.delete(row.dedup_key);
    const stored = results.flatMap((result, n): readonly AcceptedRow[] => {
      const fresh = rows[n];
      return result.kind === "stored" && fresh !== undefined ? [{ ...fresh, id: result.id }] : [];
    });
    this.#backlog.change(backlogOf(stored));
    if (stored.length > 0) this.#stored(stored);
    return results;
  }

  #failed(rows: readonly NewRow[]): void {
    for (const { row } of rows) if (row.dedup_key !== "") this.#unanswered.set(row.dedup_key, row.accepted_at);
    for (const key of this.#unanswered.keys()) {
      if (this.#unanswered.size <= mostUnanswered) break;
      this.#unanswered.delete(key);
    }
  }
}
