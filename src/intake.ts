// The whole way in, on one screen: the bytes of a webhook become notifications that the outbox can keep, or a refusal that
// tells the sender what to change. Pure; the receiver calls it, the outbox stores what it returns.

import type { AlertGroup } from "./domain/alert.ts";
import type { Hook, Intake, TakeIn } from "./domain/intake.ts";
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

export function createIntake(config: IntakeConfig): TakeIn {
  return (bytes, hook) => {
    if (!botsOf(hook).every((bot) => config.bots.has(bot))) return unknownBot();

    const parsed = parseBody(bytes);
    if (parsed.kind === "refused") return refused(parsed);

    const normalized = normalize(parsed.body);
    if (normalized.kind === "refused") return refused(normalized);

    const { group, invalidAlerts } = normalized;
    return {
      kind: "notifications",
      source: group.source,
      notifications: destinationsOf(group, hook, config).map(identify),
      ...countByStatus(group),
      invalidAlerts,
    };
  };
}

function destinationsOf(group: AlertGroup, hook: Hook, config: IntakeConfig): readonly RoutedGroup[] {
  switch (hook.kind) {
    case "route":
      return splitGroup(config.route, group);
    case "bot":
      return directGroup(config.route, hook.bot, group);
    case "alias":
      return aliasGroup(config.route, hook, group);
  }
}

/** Those that the address named. */
function botsOf(hook: Hook): readonly string[] {
  if (hook.kind === "route") return [];
  return hook.kind === "bot" ? [hook.bot] : hook.bots;
}

function countByStatus(group: AlertGroup): { readonly firing: number; readonly resolved: number } {
  const firing = group.alerts.filter((alert) => alert.status === "firing").length;
  return { firing, resolved: group.alerts.length - firing };
}

function refused({ code, message }: { readonly code: string; readonly message: string }): Intake {
  return { kind: "refused", status: 400, code, message, source: "unknown" };
}

function unknownBot(): Intake {
  const message =
    "no bot of that name is configured; the path is /webhook/bot/<name>, and /webhook lets the route tree decide";
  return { kind: "refused", status: 404, code: "unknown_bot", message, source: "unknown" };
}
