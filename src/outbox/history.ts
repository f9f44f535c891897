// What became of every alert: searched in small steps, with the event loop free in between. Nothing that delivers reads it.

import { unsentAlert } from "../domain/alert.ts";
import type { AlertOutcome, HistoryEntry, HistoryFlag, HistoryPage, HistoryQuery } from "../domain/history.ts";
import { type DeliveryMode, isAnnouncement, parseRoutedGroup } from "../domain/notification.ts";
import { inflated } from "./bodies.ts";
import type { SqlDatabase } from "./engine.ts";
import { choicesOf, type RowChoice } from "./history-blocks.ts";
import { parseNotes } from "./notes.ts";
import type { DeliveryRow } from "./rows.ts";
import { matchesTerms, type SearchTerm, searchTerms } from "./search-text.ts";
import { comparedRanges, pagesOf, type SlicedReading, Slices } from "./slices.ts";

/** Rows whose bodies are read at once. */
const rowsAtOnce = 16;

/** Of the words of a query, those that the database compares. All are compared with each alert that it finds. */
const mostTermsInSql = 4;

interface FoundRow {
  readonly id: number;
  /** Null while it waits. */
  readonly at: number | null;
  readonly accepted_at: number;
  readonly bot: string;
  readonly outcome: AlertOutcome;
  readonly mode: DeliveryMode | null;
  readonly delivery_id: number | null;
  readonly copy_of_at: number | null;
  readonly replayed_at: number | null;
  readonly notes: string | null;
  readonly body: Uint8Array;
}

export async function searchHistory(db: SqlDatabase, query: HistoryQuery): Promise<HistoryPage> {
  const slices = new Slices();
  const reading = { db, slices };
  const page = new ResultPage(query, slices);
  const { outcome } = query;
  if (page.start.list === "waiting" && (outcome ?? "waiting") === "waiting") await addWaiting(reading, query, page);
  if (page.next === null && outcome !== "waiting") await addEnded(reading, query, page);
  return { entries: page.entries, next: page.next };
}

/** The first entry of a page: an alert of a row. Rows follow by falling ids. */
interface PageStart {
  readonly list: "waiting" | "ended";
  readonly id: number;
  /** How many alerts of this row were on earlier pages. */
  readonly alerts: number;
}

const firstPage: PageStart = { list: "waiting", id: Number.MAX_SAFE_INTEGER, alerts: 0 };

/** What no page ever began with counts as the first page. */
function pageStart(text: string | null): PageStart {
  const [, list, id, alerts] = /^([we])(\d{1,15})\.(\d{1,7})$/.exec(text ?? "") ?? [];
  if (list === undefined) return firstPage;
  return { list: list === "w" ? "waiting" : "ended", id: Number(id), alerts: Number(alerts) };
}

class ResultPage {
  readonly entries: HistoryEntry[] = [];
  readonly termsInSql: readonly SearchTerm[];
  readonly start: PageStart;
  /** Null until the page is full. */
  next: string | null = null;
  readonly #terms: readonly SearchTerm[];
  readonly #maxEntries: number;
  readonly #slices: Slices;

  constructor({ text, after, maxEntries }: HistoryQuery, slices: Slices) {
    this.#slices = slices;
    this.#terms = searchTerms(text);
    this.termsInSql = this.#terms.slice(0, mostTermsInSql);
    this.start = pageStart(after);
    this.#maxEntries = maxEntries;
  }

  /** The highest id that a row of this list may have. */
  firstId(list: PageStart["list"]): number {
    return list === this.start.list ? this.start.id : Number.MAX_SAFE_INTEGER;
  }

  async add(row: FoundRow): Promise<void> {
    const list = row.at === null ? "waiting" : "ended";
    const seen = list === this.start.list && row.id === this.start.id ? this.start.alerts : 0;
    const entryOf = entriesOf(row, await inflated(row.body));
    for (let n = seen; n < entryOf.alerts.length && this.next === null; n += 1) {
      await this.#slices.next();
      const alert = entryOf.alerts[n];
      if (alert === undefined || !matchesTerms(alert, entryOf.receiver, this.#terms)) continue;
      if (this.entries.length === this.#maxEntries) this.next = `${list === "waiting" ? "w" : "e"}${row.id}.${n}`;
      else this.entries.push(entryOf.entry(n));
    }
  }
}

function entriesOf(row: FoundRow, text: string) {
  const routed = parseRoutedGroup(text);
  const { mentions, templateFailures, failedAttempts, ...noted } = parseNotes(row.notes);
  const flags = [...flagsOf(row, routed.destination), ...noted.flags];
  if (templateFailures.length > 0) flags.push("template_failed");
  const { receiver, groupLabels } = routed.group;
  const alerts = isAnnouncement(routed) ? [unsentAlert(groupLabels)] : routed.group.alerts;
  const entry = (n: number): HistoryEntry => ({
    alert: alerts[n] as HistoryEntry["alert"],
    routed,
    receivedAt: row.accepted_at,
    sender: routed.sender,
    outcome: row.outcome,
    endedAt: row.at,
    mode: row.mode,
    deliveryId: row.delivery_id,
    bot: row.bot,
    route: routed.routes[n] ?? routed.routes[0] ?? "",
    mentions,
    flags,
    templateFailures,
    failedAttempts,
    duplicateOfAt: row.copy_of_at,
    replayedAt: row.replayed_at,
  });
  return { alerts, receiver, entry };
}

function flagsOf(
  { outcome, bot, replayed_at }: FoundRow,
  destination: { readonly bot: string; readonly urgent: boolean },
): HistoryFlag[] {
  const flags: HistoryFlag[] = [];
  if (destination.urgent) flags.push("urgent");
  if (bot !== destination.bot) flags.push("fallback_bot");
  if (outcome === "dead" && replayed_at !== null) flags.push("replayed");
  return flags;
}

type PlannedDelivery = Pick<DeliveryRow, "id" | "mode" | "notes" | "notification_ids">;

async function addWaiting(reading: SlicedReading, query: HistoryQuery, page: ResultPage): Promise<void> {
  const { db } = reading;
  const planned = await plannedDeliveries(db);
  const wanted = new Conditions(db, "dead_delivery_id is null").and("accepted_at < ?", query.untilAt);
  addFilters(wanted, query, page);
  const columns = "id, accepted_at, bot, body from notifications";
  const ranges = comparedRanges(reading, "notifications", { first: 0, last: page.firstId("waiting") });
  for await (const range of ranges) {
    for await (const row of rowsIn(reading, columns, { ...range, ids: null }, wanted)) {
      const delivery = planned.get(row.id) ?? null;
      if (query.deliveryId === null || delivery?.id === query.deliveryId) await page.add(waitingRow(row, delivery));
      if (page.next !== null) return;
    }
  }
}

/** By notification. */
async function plannedDeliveries(db: SqlDatabase): Promise<ReadonlyMap<number, PlannedDelivery>> {
  const open = await db.all<PlannedDelivery>(
    "select id, mode, notes, notification_ids from deliveries where settled_at is null",
  );
  return new Map(
    open.flatMap((delivery) =>
      (JSON.parse(delivery.notification_ids) as readonly number[]).map((id) => [id, delivery] as const),
    ),
  );
}

function waitingRow(row: FoundRow, delivery: PlannedDelivery | null): FoundRow {
  return {
    ...row,
    at: null,
    outcome: "waiting",
    mode: delivery?.mode ?? null,
    delivery_id: delivery?.id ?? null,
    copy_of_at: null,
    replayed_at: null,
    notes: delivery?.notes ?? null,
  };
}

async function addEnded(reading: SlicedReading, query: HistoryQuery, page: ResultPage): Promise<void> {
  const { fromAt, untilAt, outcome, deliveryId, bot } = query;
  const wanted = new Conditions(reading.db, "at >= ?", fromAt).and("accepted_at < ?", untilAt);
  addFilters(wanted, query, page);
  if (outcome !== null) wanted.and("outcome = ?", outcome);
  if (deliveryId !== null) wanted.and("delivery_id = ?", deliveryId);
  const maxId = page.firstId("ended");
  const choices =
    deliveryId === null
      ? choicesOf(reading, { fromAt, untilAt, maxId, terms: page.termsInSql, outcome, bot })
      : [{ first: 0, last: maxId, ids: null }];
  const columns =
    "id, at, accepted_at, bot, outcome, mode, delivery_id, copy_of_at, replayed_at, notes, body from history";
  for await (const choice of choices) {
    for await (const row of rowsIn(reading, columns, choice, wanted)) {
      await page.add(row);
      if (page.next !== null) return;
    }
    await reading.slices.next();
  }
}

function addFilters(wanted: Conditions, { bot }: HistoryQuery, page: ResultPage): void {
  if (bot !== null) wanted.and("bot = ?", bot);
  for (const { text } of page.termsInSql) wanted.contains("search", text);
}

/** All of them must hold. */
class Conditions {
  readonly #db: SqlDatabase;
  readonly values: unknown[] = [];
  readonly texts: string[] = [];

  constructor(db: SqlDatabase, text: string, ...values: readonly unknown[]) {
    this.#db = db;
    this.and(text, ...values);
  }

  /** Each `?` is the next of the values. */
  and(text: string, ...values: readonly unknown[]): this {
    this.texts.push(text.replaceAll("?", () => this.#next()));
    this.values.push(...values);
    return this;
  }

  contains(column: string, text: string): void {
    this.texts.push(this.#db.contains(column, this.#next()));
    this.values.push(text);
  }

  /** The first two are those of the range. */
  #next(): string {
    return `$${this.values.length + 3}`;
  }
}

/** By falling ids. */
async function* rowsIn(
  reading: SlicedReading,
  columns: string,
  { first, last, ids }: RowChoice,
  { texts, values }: Conditions,
): AsyncGenerator<FoundRow> {
  const listed = ids === null ? [] : [reading.db.isOneOf("id", `$${values.length + 3}`, "bigint")];
  const pages = pagesOf<FoundRow>(reading, {
    text: `select ${columns} where id between $2 and $1 and ${[...texts, ...listed].join(" and ")}`,
    order: "falling",
    firstId: last,
    parameters: [first, ...values, ...(ids === null ? [] : [JSON.stringify(ids)])],
    atOnce: rowsAtOnce,
  });
  for await (const rows of pages) yield* rows;
}
