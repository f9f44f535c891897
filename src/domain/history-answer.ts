// The history as its API writes it. Times are RFC 3339.

import type { AlertStatus, LabelSet } from "./alert.ts";
import type { AlertOutcome, HistoryEntry, HistoryFlag, HistoryPage, TemplateFailureRecord } from "./history.ts";
import type { DeliveryMode } from "./notification.ts";
import type { FailureReason } from "./reason.ts";
import type { Sender, SenderSeen } from "./sender.ts";

export interface HistoryAnswer {
  readonly entries: readonly HistoryEntryAnswer[];
  /** Those that posted last. */
  readonly senders: readonly SenderAnswer[];
  /** `after` of the next page; null when there is none. */
  readonly next: string | null;
}

export interface HistoryEntryAnswer {
  readonly alert: { readonly name: string; readonly labels: LabelSet };
  readonly received_at: string;
  /** As in `senders`. */
  readonly sender: string;
  readonly outcome: AlertOutcome;
  readonly mode: DeliveryMode | null;
  readonly bot: string;
  readonly route: string;
  readonly delivery_id: number | null;
  readonly sent_at: string | null;
  readonly mentions: { readonly mentioned: readonly string[]; readonly not_found: readonly string[] };
  readonly flags: readonly HistoryFlag[];
  readonly details: {
    readonly status: AlertStatus;
    readonly receiver: string;
    /** A sentence of this service about the alert; empty for none. */
    readonly notice: string;
    readonly ended_at: string | null;
    readonly duplicate_of: string | null;
    readonly replayed_at: string | null;
    readonly template_failures: readonly TemplateFailureRecord[];
    readonly failed_attempts: readonly FailedAttemptAnswer[];
  };
}

interface FailedAttemptAnswer {
  readonly answered_at: string;
  readonly part: number;
  readonly reason: FailureReason;
  readonly errcode: number | null;
}

export interface SenderAnswer {
  readonly sender: string;
  readonly address: string;
  readonly user_agent: string;
  readonly receiver: string;
  readonly source: SenderSeen["source"];
  readonly last_posted_at: string | null;
  readonly last_refused_at: string | null;
  /** Empty for never. */
  readonly last_refusal: string;
}

export function historyAnswer({ entries, next }: HistoryPage, senders: readonly SenderSeen[]): HistoryAnswer {
  return { entries: entries.map(entryAnswer), senders: senders.map(senderAnswer), next };
}

function entryAnswer(entry: HistoryEntry): HistoryEntryAnswer {
  const { alert, routed, outcome, endedAt, mentions } = entry;
  return {
    alert: { name: alert.labels.alertname ?? "", labels: alert.labels },
    received_at: rfc3339(entry.receivedAt),
    sender: senderText(entry.sender),
    outcome,
    mode: entry.mode,
    bot: entry.bot,
    route: entry.route,
    delivery_id: entry.deliveryId,
    sent_at: outcome === "delivered" ? timeOrNull(endedAt) : null,
    mentions: { mentioned: mentions.mentioned, not_found: mentions.notFound },
    flags: entry.flags,
    details: {
      status: alert.status,
      receiver: routed.group.receiver,
      notice: routed.notice,
      ended_at: timeOrNull(endedAt),
      duplicate_of: timeOrNull(entry.duplicateOfAt),
      replayed_at: timeOrNull(entry.replayedAt),
      template_failures: entry.templateFailures,
      failed_attempts: entry.failedAttempts.map(({ answeredAt, part, reason, errcode }) => {
        return { answered_at: rfc3339(answeredAt), part, reason, errcode };
      }),
    },
  };
}

function senderAnswer(seen: SenderSeen): SenderAnswer {
  return {
    sender: senderText(seen),
    address: seen.address,
    user_agent: seen.userAgent,
    receiver: seen.receiver,
    source: seen.source,
    last_posted_at: seen.postedAt === 0 ? null : rfc3339(seen.postedAt),
    last_refused_at: seen.refusedAt === 0 ? null : rfc3339(seen.refusedAt),
    last_refusal: seen.refusal,
  };
}

/** As a person reads it: the address, then what the sender calls itself. */
export function senderText({ address, userAgent }: Sender): string {
  return userAgent === "" ? address : `${address} ${userAgent}`;
}

function rfc3339(at: number): string {
  return new Date(at).toISOString();
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : rfc3339(at);
}
