// Reads a webhook with the given intake, stores its notifications, counts and logs. The result is `accepted` only after the outbox
// has committed.

import { type Source, timeFlags } from "../domain/alert.ts";
import type { Hook, Intake, IntakeResult, SentBody } from "../domain/intake.ts";
import { type Notification, shortGroupIds } from "../domain/notification.ts";
import type { Sender, SenderSeen } from "../domain/sender.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { AcceptOptions, AcceptResult, RequestSignature } from "../outbox/store.ts";
import type { AcceptedWebhook, AcceptLog } from "./accept-log.ts";
import type { LogPace } from "./log-pace.ts";

export type Accepted =
  /** `notifications` were stored now; `duplicates` are copies of stored ones. */
  | {
      readonly kind: "accepted";
      readonly notifications: number;
      readonly duplicates: number;
      readonly source: Source;
    }
  /** The sender must change something; a retry does not help. */
  | Extract<IntakeResult, { readonly kind: "rejected" }>
  /** Nothing was stored: a request with this signature was accepted before. */
  | { readonly kind: "replayed" }
  /** Not all was stored, or it is not known whether; the sender should retry. */
  | { readonly kind: "unavailable"; readonly message: string; readonly source: Source };

/** What is known of a webhook besides its body. */
export interface WebhookRequest {
  readonly signature: RequestSignature | null;
  readonly sender: Sender;
}

/** What stores nothing, and what has no notifications, leaves no mark of its signature. */
export type Accept = (body: SentBody, hook: Hook, request: WebhookRequest) => Promise<Accepted>;

export interface AcceptDeps {
  readonly intake: Intake;
  readonly outbox: {
    accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult>;
    noteSender(seen: SenderSeen): void;
  };
  readonly now: () => number;
  readonly dedupWindowMs: number;
  readonly maxNotifications: number;
  readonly maxBytes: number;
  readonly severalBots: boolean;
  readonly health: BacklogHealth;
  readonly logAccepted: AcceptLog;
  readonly log: Log;
  readonly logPace: LogPace;
  readonly metrics: Metrics;
}

/** Gets to know whether the backlog has room for the webhooks of these bots. */
export interface BacklogHealth {
  hasRoom(bots: readonly string[]): void;
  hasNoRoom(bots: readonly string[]): void;
}

const failureSpanMs = 10_000;

/** An Alertmanager may be left out of the config on purpose. */
const unknownSpanMs = 3_600_000;

const longestLoggedURL = 200;

export function createAccept(deps: AcceptDeps): Accept {
  const warn = (what: string, fields: object, message: string, spanMs?: number) => {
    const silent = deps.logPace.due(what, spanMs);
    if (silent !== null) deps.log.warn({ ...fields, silent }, message);
  };
  return async (body, hook, request) => {
    const { address } = request.sender;
    const result = deps.intake(body, hook, deps.now());
    if (result.kind === "rejected") {
      const { source, code, message } = result;
      warn(`${source} ${code}`, { source, address, code, hint: message }, "webhook rejected");
      return result;
    }
    const { source, receiver, lossy, flaggedTimes, unknownURL } = result;
    const hint = "send UTF-8, or declare the charset in the Content-Type";
    if (lossy) warn(`${source} lossy`, { source, address, charset: body.charset, hint }, "webhook decoded with losses");
    const isFlagged = timeFlags.some((flag) => flaggedTimes[flag] > 0);
    if (isFlagged) warn(`${source} times`, { source, address, ...flaggedTimes }, "times of alerts are doubtful");
    if (unknownURL !== null) {
      const externalURL = unknownURL.slice(0, longestLoggedURL);
      const unnamed = { address, externalURL, hint: "add it to external_urls of its entry in alertmanagers" };
      warn("unknown alertmanager", unnamed, "no entry of alertmanagers has this externalURL", unknownSpanMs);
    }

    const stored = await store(deps, { ...result, ...request });
    // Counted after the commit: a sender that got 503 posts the same alerts again.
    if (stored.kind === "accepted") {
      count(deps.metrics, result, stored.duplicates);
      const never = { refusedAt: 0, refusal: "" };
      deps.outbox.noteSender({ ...request.sender, source, receiver, postedAt: deps.now(), ...never });
      deps.logAccepted(acceptedWebhook(result, address, stored));
    }
    return stored;
  };
}

type Taken = Extract<IntakeResult, { readonly kind: "notifications" }>;

function count(metrics: Metrics, { source, flaggedTimes, ...taken }: Taken, duplicates: number): void {
  metrics.alertsReceived.inc({ source, status: "firing" }, taken.firing);
  metrics.alertsReceived.inc({ source, status: "resolved" }, taken.resolved);
  metrics.alertsInvalid.inc({ source }, taken.invalidAlerts);
  metrics.alertsDropped.inc({ source }, taken.dropped);
  metrics.lossyBodies.inc({ source }, taken.lossy ? 1 : 0);
  for (const reason of timeFlags) metrics.timesFlagged.inc({ source, reason }, flaggedTimes[reason]);
  metrics.duplicatesSuppressed.inc({ source }, duplicates);
}

type StoredWebhook = Extract<Accepted, { readonly kind: "accepted" }>;

function acceptedWebhook(taken: Taken, sender: string, { notifications, duplicates }: StoredWebhook): AcceptedWebhook {
  const { source, receiver, names, firing, resolved, dropped } = taken;
  const bots = botsOf(taken.notifications).join(", ");
  const groups = shortGroupIds(taken.notifications.map(({ groupId }) => groupId));
  return { sender, source, receiver, names, firing, resolved, notifications, duplicates, dropped, bots, groups };
}

function botsOf(notifications: readonly Notification[]): readonly string[] {
  return [...new Set(notifications.map(({ routed }) => routed.destination.bot))];
}

type ReadWebhook = WebhookRequest & Taken;

async function store(deps: AcceptDeps, webhook: ReadWebhook): Promise<Accepted> {
  const { source, notifications, unsent, signature, sender } = webhook;
  const { dedupWindowMs, maxNotifications, maxBytes, severalBots } = deps;
  const limits = { maxNotifications, maxBytes, severalBots };
  const options = { ...limits, acceptedAt: deps.now(), dedupWindowMs, signature, sender, unsent };
  if (notifications.length === 0) {
    // Nothing will be delivered, so the sender need not wait until it is on record.
    if (unsent.length > 0) void deps.outbox.accept([], options).catch(() => {});
    return { kind: "accepted", notifications: 0, duplicates: 0, source };
  }
  try {
    const result = await deps.outbox.accept(notifications, options);
    if (result.kind === "stored") {
      if (result.stored > 0) deps.health.hasRoom(botsOf(notifications));
      return { kind: "accepted", notifications: result.stored, duplicates: result.duplicates, source };
    }
    if (result.kind === "replayed") return result;
    deps.health.hasNoRoom(result.bots);
    const silent = deps.logPace.due("full", failureSpanMs);
    if (silent !== null) {
      const { bots, stored } = result;
      deps.log.error({ bots, stored, ...limits, silent }, "the backlog is full; webhooks are answered with 503");
    }
    const message = `the backlog is full; ${result.stored} of ${notifications.length} notifications were stored; send all again`;
    return { kind: "unavailable", message, source };
  } catch (err) {
    // The health of the storage is logged once, where it is known.
    const isAway = err instanceof Error && "code" in err && err.code === "outbox_away";
    const silent = isAway ? null : deps.logPace.due("failed", failureSpanMs);
    if (silent !== null) deps.log.error({ err, silent }, "failed to store a webhook; it was answered with 503");
    return { kind: "unavailable", message: "storing failed; send again later (duplicates are recognised)", source };
  }
}
