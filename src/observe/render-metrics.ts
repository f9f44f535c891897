import { type MessageKind, messageKinds } from "../domain/message-kind.ts";
import { type DeliveryMode, deliveryModes } from "../domain/notification.ts";
import { type Families, startAtZero } from "./families.ts";

export interface RenderMetrics {
  /** Notifications that were replaced by a newer state of their group before they were sent. */
  superseded(bot: string, count: number): void;
  alertsDelivered(bot: string, mode: DeliveryMode, count: number): void;
  partsMade(bot: string, kind: MessageKind, count: number): void;
  valuesShortened(bot: string, count: number): void;
  /** An image could not be fetched and is omitted. */
  picturesMissing(bot: string, count: number): void;
  /** A template failed and its fallback was sent. */
  templateFailed(bot: string): void;
}

export function renderMetrics(families: Families): RenderMetrics & { startBots(bots: readonly string[]): void } {
  const superseded = families.counter(
    "notifications_superseded_total",
    "Notifications replaced by a newer state of their group before they were sent.",
    ["bot"],
  );
  const delivered = families.counter("alerts_delivered_total", "Alerts delivered, by mode.", ["bot", "mode"]);
  const parts = families.counter("message_parts_total", "Messages rendered, by kind.", ["bot", "kind"]);
  const shortened = families.counter(
    "shortened_values_total",
    "Label and annotation values shortened to fit their alert into a message.",
    ["bot"],
  );
  const missing = families.counter(
    "pictures_missing_total",
    "Pictures of alerts that could not be fetched and were omitted.",
    ["bot"],
  );
  const failures = families.counter(
    "template_failures_total",
    "Times that a template failed and its fallback was used.",
    ["bot"],
  );

  return {
    startBots(bots) {
      for (const family of [superseded, shortened, missing, failures]) startAtZero(family, { bot: bots });
      startAtZero(delivered, { bot: bots, mode: deliveryModes });
      startAtZero(parts, { bot: bots, kind: messageKinds });
    },
    superseded: (bot, count) => superseded.inc({ bot }, count),
    alertsDelivered: (bot, mode, count) => delivered.inc({ bot, mode }, count),
    partsMade: (bot, kind, count) => parts.inc({ bot, kind }, count),
    valuesShortened: (bot, count) => shortened.inc({ bot }, count),
    picturesMissing: (bot, count) => missing.inc({ bot }, count),
    templateFailed: (bot) => failures.inc({ bot }),
  };
}
