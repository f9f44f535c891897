// From a webhook's bytes to "on disk": reads them with the intake it is given, stores the notifications, counts and reports.
// An answer of `accepted` is given only after the outbox has committed.

import type { Source } from "../domain/alert.ts";
import type { Hook, TakeIn } from "../domain/intake.ts";
import type { Notification } from "../domain/notification.ts";
import type { Log, LogFields } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Outbox } from "../outbox/store.ts";
import { createLogPace, type LogPace } from "./log-pace.ts";

export type Accepted =
  /** `notifications` were stored now; `duplicates` were recognised as copies of stored ones. */
  | {
      readonly kind: "accepted";
      readonly notifications: number;
      readonly duplicates: number;
      readonly source: Source;
    }
  /** The sender must change something; trying again will not help. */
  | {
      readonly kind: "refused";
      readonly status: 400 | 404;
      readonly code: string;
      readonly message: string;
      readonly source: Source | "unknown";
    }
  /** Nothing was stored; the sender should try again. */
  | { readonly kind: "unavailable"; readonly message: string; readonly source: Source };

export type Accept = (bytes: Uint8Array, hook: Hook) => Promise<Accepted>;

export interface AcceptDeps {
  readonly intake: TakeIn;
  readonly outbox: Pick<Outbox, "accept">;
  readonly now: () => number;
  readonly dedupWindowMs: number;
  readonly maxNotifications: number;
  readonly maxBytes: number;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "alertsReceived" | "alertsInvalid" | "duplicatesSuppressed">;
}

const refusalSpanMs = 60_000;
const failureSpanMs = 10_000;

export function createAccept(deps: AcceptDeps): Accept {
  const refusals = createLogPace(refusalSpanMs, deps.now);
  const failures = createLogPace(failureSpanMs, deps.now);
  return async (bytes, hook) => {
    const intake = deps.intake(bytes, hook);
    if (intake.kind === "refused") {
      const silent = refusals.due(`${intake.source} ${intake.code}`);
      const { source, code, message } = intake;
      if (silent !== null) deps.log.warn({ source, code, silent, hint: message }, "refused a webhook");
      return intake;
    }
    const { source } = intake;
    const stored = await store(deps, intake.notifications, failures);
    if (stored.kind === "unavailable") return { ...stored, source };
    // Counted after the commit: a sender that was told 503 comes again with the same alerts.
    deps.metrics.alertsReceived(source, "firing", intake.firing);
    deps.metrics.alertsReceived(source, "resolved", intake.resolved);
    deps.metrics.alertsInvalid(source, intake.invalidAlerts);
    deps.metrics.duplicatesSuppressed(source, stored.duplicates);
    return { ...stored, source };
  };
}

type Stored =
  | { readonly kind: "accepted"; readonly notifications: number; readonly duplicates: number }
  | { readonly kind: "unavailable"; readonly message: string };

async function store(deps: AcceptDeps, notifications: readonly Notification[], failures: LogPace): Promise<Stored> {
  if (notifications.length === 0) return { kind: "accepted", notifications: 0, duplicates: 0 };
  const { dedupWindowMs, maxNotifications, maxBytes } = deps;
  const report = (kind: string, fields: LogFields, message: string) => {
    const silent = failures.due(kind);
    if (silent !== null) deps.log.error({ ...fields, silent }, message);
  };
  try {
    const options = { acceptedAt: deps.now(), dedupWindowMs, maxNotifications, maxBytes };
    const result = await deps.outbox.accept(notifications, options);
    if (result.kind === "stored") {
      return { kind: "accepted", notifications: result.stored, duplicates: result.duplicates };
    }
    report("full", { maxNotifications, maxBytes }, "the backlog is at its limit: webhooks are answered with 503");
    return { kind: "unavailable", message: "the backlog is at its limit; nothing was stored, send again later" };
  } catch (err) {
    report("failed", { err }, "could not store a webhook: it was answered with 503");
    return { kind: "unavailable", message: "storing failed; nothing was accepted, send again later" };
  }
}
