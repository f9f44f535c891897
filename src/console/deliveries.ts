// What became of alerts: a search over the history, whose rows open to the steps of one alert; and one delivery with all that was in it.

import {
  type AlertOutcome,
  alertOutcomes,
  type HistoryEntry,
  type HistoryPage,
  type HistoryQuery,
} from "../domain/history.ts";
import type { SenderSeen } from "../domain/sender.ts";
import { offsetsOf, readTime } from "../normalize/read-times.ts";
import type { Rendered } from "../render/message-draft.ts";
import { bubbleOf } from "./bubble.ts";
import { fieldOf, type Page, type Visit } from "./page.ts";
import { senderRows } from "./senders.ts";
import { type EntryContext, entryRow } from "./timeline.ts";
import type { TimesOptions } from "./times.ts";

const spans = { "10m": 600_000, "1h": 3_600_000, "6h": 21_600_000, "1d": 86_400_000, "7d": 604_800_000 } as const;

type Span = keyof typeof spans;

const spanNames = Object.keys(spans) as readonly Span[];

/** As the form has it. */
export interface DeliverySearch {
  readonly text: string;
  readonly bot: string;
  readonly outcome: AlertOutcome | null;
  readonly span: Span;
  /** Local time, like `2026-11-30T03:12`; empty for now. */
  readonly around: string;
  readonly after: string;
}

export function searchFromForm(query: unknown): DeliverySearch {
  const outcome = alertOutcomes.find((one) => one === fieldOf(query, "outcome")) ?? null;
  const around = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/u.exec(fieldOf(query, "around"))?.[0] ?? "";
  return {
    text: fieldOf(query, "q").trim(),
    bot: fieldOf(query, "bot"),
    outcome,
    span: spanNames.find((one) => one === fieldOf(query, "span")) ?? (around === "" ? "1h" : "10m"),
    around,
    after: fieldOf(query, "after"),
  };
}

const entriesPerPage = 50;

/** Before now, or on both sides of the time that is asked for. */
export function queryOf(
  { text, bot, outcome, span, around, after }: DeliverySearch,
  clock: TimesOptions,
): HistoryQuery {
  const { at } = around === "" ? { at: null } : readTime(around, offsetsOf(clock.timezone));
  const outboxAt = at === null ? null : at - clock.now + clock.outboxNow;
  return {
    text,
    bot: bot === "" ? null : bot,
    outcome,
    fromAt: (outboxAt ?? clock.outboxNow) - spans[span],
    untilAt: outboxAt === null ? clock.outboxNow + 1 : outboxAt + spans[span],
    deliveryId: null,
    after: after === "" ? null : after,
    maxEntries: entriesPerPage,
  };
}

export interface DeliveriesInput extends EntryContext {
  readonly search: DeliverySearch;
  readonly query: HistoryQuery;
  readonly page: HistoryPage;
  readonly senders: readonly SenderSeen[];
  readonly bots: readonly string[];
}

export function deliveriesPage(visit: Visit, input: DeliveriesInput): Page {
  const { search, query, page, senders, bots, times } = input;
  const { history } = visit.strings;
  const addressOf = (changed: Partial<DeliverySearch>) => addressOfSearch({ ...search, after: "", ...changed });
  return {
    view: "deliveries",
    title: visit.strings.deliveries,
    model: {
      search,
      spans: spanNames.map((name) => ({ name, label: history.spans[name], chosen: name === search.span })),
      bots: bots.map((name) => ({ name, chosen: name === search.bot })),
      chips: [
        { label: history.all, address: addressOf({ outcome: null }), chosen: search.outcome === null },
        ...alertOutcomes.map((outcome) => ({
          label: history.outcomes[outcome],
          address: addressOf({ outcome }),
          chosen: search.outcome === outcome,
        })),
      ],
      entries: page.entries.map((entry) => entryRow(entry, visit, input)),
      none: history.none(times.at(query.fromAt), times.at(query.untilAt)),
      senders: page.entries.length === 0 ? senderRows(senders, visit, times).slice(0, 10) : [],
      next: page.next === null ? null : addressOf({ after: page.next }),
    },
  };
}

/** Without what is as it would be anyway. */
function addressOfSearch({ text, bot, outcome, span, around, after }: DeliverySearch): string {
  const fields = { q: text, bot, outcome: outcome ?? "", span, around, after };
  return `deliveries?${new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""))}`;
}

export interface DeliveryInput extends EntryContext {
  readonly id: number;
  readonly entries: readonly HistoryEntry[];
  /** Null when it could not be rendered. */
  readonly rendered: Rendered | null;
  /** Just now. */
  readonly isQueuedAgain: boolean;
}

export function deliveryPage(visit: Visit, input: DeliveryInput): Page {
  const { id, entries, rendered, isQueuedAgain } = input;
  const rows = entries.map((entry) => entryRow(entry, visit, input));
  return {
    view: "delivery",
    title: visit.strings.history.delivery(id),
    model: {
      id,
      bot: entries[0]?.bot ?? "",
      level: rows[0]?.level,
      outcome: rows[0]?.outcome,
      isDead: rows.some(({ isDead }) => isDead),
      isQueuedAgain,
      entries: rows,
      parts: (rendered?.parts ?? []).map(({ message }) => bubbleOf(JSON.stringify(message))),
    },
  };
}
