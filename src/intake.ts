// The bytes of a webhook become notifications for the outbox, or a rejection that says what the
// sender has to change. The receiver calls it; the outbox stores its result.

import {
  type Alert,
  type AlertGroup,
  type AlertStatus,
  firstAlertNames,
  type TimeFlag,
  timeFlagsOf,
} from "./domain/alert.ts";
import { type AlertmanagerAddresses, alertmanagersByURL } from "./domain/alertmanager-of.ts";
import type { Alias, Hook, Intake, IntakeResult } from "./domain/intake.ts";
import type { RoutedGroup } from "./domain/notification.ts";
import { normalize } from "./normalize/normalize.ts";
import { parseBody } from "./normalize/parse-body.ts";
import { offsetsOf } from "./normalize/read-times.ts";
import type { BodyRejection } from "./normalize/rejection.ts";
import { alertTextMaxBytes, boundedRoutedGroup } from "./render/fit/shorten-alerts.ts";
import { identify } from "./route/identity.ts";
import { splitGroup } from "./route/split-group.ts";
import type { RouteNode } from "./route/tree.ts";

export interface IntakeConfig {
  readonly route: RouteNode;
  readonly bots: ReadonlyMap<string, unknown>;
  /** Of times without a zone. */
  readonly timezone: string;
  readonly alertmanagers: AlertmanagerAddresses;
}

export function createIntake(config: IntakeConfig): Intake {
  const offsetAt = offsetsOf(config.timezone);
  const alertmanagerOf = alertmanagersByURL(config.alertmanagers);
  return ({ bytes, charset }, hook, receivedAt) => {
    const asked = askedBy(hook);
    if (!asked.bots.every((bot) => config.bots.has(bot))) return unknownBot();

    const parsed = parseBody(bytes, charset);
    if (parsed.kind === "rejected") return badRequest(parsed);

    const { body, lossyBody } = parsed;
    const normalized = normalize(body, { offsetAt, receivedAt, lossyBody, alertmanagerOf });
    if (normalized.kind === "rejected") return badRequest(normalized);

    const { group, invalidAlerts } = normalized;
    // A byte that is read with losses becomes three.
    const mayHaveLongText = bytes.length * 3 > alertTextMaxBytes;
    const bounded = (routed: RoutedGroup) => (mayHaveLongText ? boundedRoutedGroup(routed) : routed);
    const { parts, unsent, dropped } = splitGroup(config.route, group, asked);
    return {
      kind: "notifications",
      source: group.source,
      receiver: group.receiver,
      names: firstAlertNames(group.alerts),
      notifications: parts.map((part) => ({ ...identify(part), routed: bounded(part) })),
      unsent: unsent.map(({ routed, why }) => ({ routed: bounded(routed), why })),
      firing: countOf("firing", group.alerts),
      resolved: countOf("resolved", group.alerts),
      dropped,
      invalidAlerts,
      lossy: lossyBody !== null,
      unknownURL: config.alertmanagers.size > 0 ? unknownURLOf(group) : null,
      flaggedTimes: flaggedTimesOf(group.alerts),
    };
  };
}

/** What the address asks for. One of our own asks for at most one bot. */
function askedBy(hook: Hook): Alias {
  if (hook.kind === "alias") return hook;
  return { bots: hook.kind === "bot" ? [hook.bot] : [], mentions: [], template: null };
}

/** Grafana has no entry in `alertmanagers`. */
function unknownURLOf({ source, alertmanager, externalURL }: AlertGroup): string | null {
  return source === "alertmanager" && alertmanager === null ? externalURL : null;
}

function countOf(status: AlertStatus, alerts: readonly Alert[]): number {
  return alerts.filter((alert) => alert.status === status).length;
}

function flaggedTimesOf(alerts: readonly Alert[]): Readonly<Record<TimeFlag, number>> {
  const counts = { unread: 0, ahead: 0, reversed: 0 };
  for (const alert of alerts) for (const flag of timeFlagsOf(alert)) counts[flag] += 1;
  return counts;
}

function badRequest({ kind, code, message }: BodyRejection): IntakeResult {
  return { kind, status: 400, code, message, source: "unknown" };
}

function unknownBot(): IntakeResult {
  const message =
    "no bot with this name is configured; post to /webhook/bot/<name> with a configured name, or to /webhook";
  return { kind: "rejected", status: 404, code: "unknown_bot", message, source: "unknown" };
}
