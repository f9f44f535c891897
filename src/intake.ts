// The whole way in, on one screen: the bytes of a webhook become notifications for the outbox, or a rejection that says what the
// sender has to change. The receiver calls it; the outbox stores its result.

import type { Alert, AlertGroup, AlertStatus } from "./domain/alert.ts";
import type { Hook, Intake, IntakeResult } from "./domain/intake.ts";
import type { RoutedGroup } from "./domain/notification.ts";
import { normalize } from "./normalize/normalize.ts";
import { parseBody } from "./normalize/parse-body.ts";
import { identify } from "./route/identity.ts";
import { aliasGroup, directGroup, splitGroup } from "./route/split-group.ts";
import type { RouteNode } from "./route/tree.ts";

export interface IntakeConfig {
  readonly route: RouteNode;
  readonly bots: ReadonlyMap<string, unknown>;
}

export function createIntake(config: IntakeConfig): Intake {
  return (bytes, hook) => {
    if (!botsInAddress(hook).every((bot) => config.bots.has(bot))) return unknownBot();

    const parsed = parseBody(bytes);
    if (parsed.kind === "rejected") return badRequest(parsed.code, parsed.message);

    const normalized = normalize(parsed.body);
    if (normalized.kind === "rejected") return badRequest(normalized.code, normalized.message);

    const { group, invalidAlerts } = normalized;
    return {
      kind: "notifications",
      source: group.source,
      notifications: routeGroup(group, hook, config.route).map(identify),
      firing: countOf("firing", group.alerts),
      resolved: countOf("resolved", group.alerts),
      invalidAlerts,
    };
  };
}

function routeGroup(group: AlertGroup, hook: Hook, route: RouteNode): readonly RoutedGroup[] {
  switch (hook.kind) {
    case "route":
      return splitGroup(route, group);
    case "bot":
      return directGroup(route, hook.bot, group);
    case "alias":
      return aliasGroup(route, hook, group);
  }
}

function botsInAddress(hook: Hook): readonly string[] {
  if (hook.kind === "route") return [];
  return hook.kind === "bot" ? [hook.bot] : hook.bots;
}

function countOf(status: AlertStatus, alerts: readonly Alert[]): number {
  return alerts.filter((alert) => alert.status === status).length;
}

function badRequest(code: string, message: string): IntakeResult {
  return { kind: "rejected", status: 400, code, message, source: "unknown" };
}

function unknownBot(): IntakeResult {
  const message =
    "no bot with this name is configured; post to /webhook/bot/<name> with a configured name, or to /webhook";
  return { kind: "rejected", status: 404, code: "unknown_bot", message, source: "unknown" };
}
