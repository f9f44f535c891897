// Webhooks that arrive together share one commit. What each has for one bot is stored as a whole or not at all.

import { addressOrigin, hashOfText } from "../domain/instance.ts";
import type { UnsentGroup } from "../domain/intake.ts";
import { type Notification, routedGroupText, storedGroupText } from "../domain/notification.ts";
import { type AcceptCall, type Admission, admit, type NewRow, newRow } from "./admission.ts";
import { type BacklogCount, backlogOf } from "./backlog.ts";
import { deflated } from "./bodies.ts";
import type { OutboxEngine, StoredNotification } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import { withFlag } from "./notes.ts";
import type { HeadRow, HistoryRecord } from "./rows.ts";
import { searchText } from "./search-text.ts";
import type { AcceptOptions, AcceptResult } from "./store.ts";

/** JSON in one commit. SQLite writes this much in about 60 ms, and nothing else runs meanwhile. */
const commitBytes = 4 * 1024 * 1024;

/** A sender that got 503 may send again for this long; what was stored all the same, or meanwhile, is not stored twice. */
const unansweredMs = 3_600_000;

/** The oldest are forgotten first. */
const mostUnanswered = 100_000;

export interface AcceptedRow {
  readonly bot: string;
  /** The JSON of the routed group. */
  readonly text: string;
  readonly head: HeadRow;
}

export class Accepts {
  readonly #engine: OutboxEngine;
  readonly #backlog: BacklogCount;
  readonly #stored: (rows: readonly AcceptedRow[]) => void;
  readonly #calls: GroupCommit<AcceptCall, AcceptResult>;
  readonly #running = new Set<Promise<unknown>>();
  /** Then only what adds nothing is accepted. */
  isDiskFull = false;
  /** When what was sent so was first not answered with success. All or some of it may be on disk. */
  readonly #unanswered = new Map<string, number>();

  /** @param stored called after the commit, before the calls return */
  constructor(engine: OutboxEngine, backlog: BacklogCount, stored: (rows: readonly AcceptedRow[]) => void) {
    this.#engine = engine;
    this.#backlog = backlog;
    this.#stored = stored;
    this.#calls = new GroupCommit((calls) => this.#storeAll(calls), {
      weigh: ({ rows, unsent }) =>
        rows.reduce((sum, { row }) => sum + row.bytes, 0) + unsent.reduce((sum, { body }) => sum + body.length, 0),
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
    if (notifications.length + options.unsent.length === 0) return { kind: "stored", stored: 0, duplicates: 0 };
    const rows = await Promise.all(notifications.map((one) => this.#rowOf(one, options)));
    const unsent = await Promise.all(options.unsent.map((one) => recordOf(one, options)));
    return this.#calls.add({ rows, unsent, options });
  }

  async #rowOf(notification: Notification, options: AcceptOptions): Promise<NewRow> {
    const { routed, dedupKey } = notification;
    const routedText = routedGroupText(routed);
    const text = storedGroupText(routedText, options.sender);
    // What has no key is a copy of nothing but what a first try of its request stored.
    const key = dedupKey ?? hashOfText(routedText);
    const sentAs = `${key} ${addressOrigin(routed.group.externalURL)}`;
    const waitedMs = options.acceptedAt - (this.#unanswered.get(sentAs) ?? Number.NEGATIVE_INFINITY);
    const ownWindowMs = dedupKey === null ? 0 : options.dedupWindowMs;
    // As the first try was compared, and with all that was accepted since.
    const dedupWindowMs = waitedMs < unansweredMs ? ownWindowMs + Math.max(0, waitedMs) + 1 : ownWindowMs;
    const form = { text, body: await deflated(text), dedupKey: key, sentAs };
    return newRow(notification, { ...options, dedupWindowMs }, form);
  }

  async #storeAll(given: readonly AcceptCall[]): Promise<readonly AcceptResult[]> {
    const nothing = ({ rows, options }: AcceptCall): AcceptCall => {
      return { rows, unsent: [], options: { ...options, maxNotifications: 0 } };
    };
    const calls = this.isDiskFull ? given.map(nothing) : given;
    const admission = await this.#admit(calls);
    const results = await this.#commit(admission).catch((cause: unknown) => {
      for (const { rows } of calls) this.#notAnswered(rows);
      throw cause;
    });
    const byCall = Map.groupBy(results.entries(), ([n]) => admission.placed[n]?.call);
    return calls.map(({ rows }, call) => {
      const kinds = (byCall.get(call) ?? []).map(([, { kind }]) => kind);
      const refusedBots = admission.refusedBots[call] ?? [];
      if (kinds.includes("replayed")) return { kind: "replayed" };
      const stored = kinds.filter((kind) => kind === "stored").length;
      const duplicates = kinds.length - stored;
      if (refusedBots.length > 0) {
        this.#notAnswered(rows);
        return { kind: "full", bots: refusedBots, stored, duplicates };
      }
      for (const { sentAs } of rows) this.#unanswered.delete(sentAs);
      return { kind: "stored", stored, duplicates };
    });
  }

  /** Copies are looked up only where the limits leave no room for all: else it does not matter how many there are. */
  async #admit(calls: readonly AcceptCall[]): Promise<Admission> {
    const backlogs = await this.#backlog.get();
    const admission = admit(calls, backlogs, new Map());
    if (admission.refusedBots.every((bots) => bots.length === 0)) return admission;
    const keys = new Set(calls.flatMap(({ rows }) => rows.map(({ row }) => row.dedup_key)));
    return admit(calls, backlogs, await this.#acceptedAt([...keys]));
  }

  async #acceptedAt(dedupKeys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { db } = this.#engine;
    const rows = await db.all<{ readonly key: string; readonly at: number }>(
      `select key, accepted_at as at from dedup where ${db.isOneOf("key", "$1", "text")}`,
      [JSON.stringify(dedupKeys)],
    );
    return new Map(rows.map(({ key, at }) => [key, at]));
  }

  async #commit({ placed, records }: Admission): Promise<readonly StoredNotification[]> {
    if (placed.length + records.length === 0) return [];
    const rows = placed.map(({ fresh }) => fresh.row);
    const results = await this.#engine.store(rows, records);
    const stored = results.flatMap((result, n): readonly AcceptedRow[] => {
      const fresh = placed[n]?.fresh;
      return result.kind === "stored" && fresh !== undefined ? [acceptedRow(fresh, result.id)] : [];
    });
    for (const { bot, head } of stored) this.#backlog.change(bot, backlogOf([head]));
    if (stored.length > 0) this.#stored(stored);
    return results;
  }

  /** The first try counts. */
  #notAnswered(rows: readonly NewRow[]): void {
    for (const { row, sentAs } of rows) {
      const firstAt = this.#unanswered.get(sentAs) ?? Number.NEGATIVE_INFINITY;
      if (row.accepted_at - firstAt >= unansweredMs) this.#unanswered.set(sentAs, row.accepted_at);
    }
    for (const key of this.#unanswered.keys()) {
      if (this.#unanswered.size <= mostUnanswered) break;
      this.#unanswered.delete(key);
    }
  }
}

/** Without the compressed body: in a storm thousands of rows are in memory. Bodies in memory have their own limit. */
function acceptedRow({ row, text }: NewRow, id: number): AcceptedRow {
  const { bot, group_id, urgent, alerts, bytes, accepted_at, ready_at } = row;
  return { bot, text, head: { id, group_id, urgent, alerts, bytes, accepted_at, ready_at, repeats: 0 } };
}

async function recordOf({ routed, why }: UnsentGroup, options: AcceptOptions): Promise<HistoryRecord> {
  return {
    accepted_at: options.acceptedAt,
    bot: routed.destination.bot,
    outcome: "not_sent",
    copy_of_at: null,
    notes: withFlag(null, why),
    search: searchText(routed.group),
    body: await deflated(storedGroupText(routedGroupText(routed), options.sender)),
  };
}
