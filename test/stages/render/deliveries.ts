// Deliveries to render, and functions that read the rendered messages.

import assert from "node:assert/strict";
import { type Alert, type AlertGroup, commonPairs } from "../../../src/domain/alert.ts";
import { alertState } from "../../../src/domain/instance.ts";
import type { MessageKind } from "../../../src/domain/message-kind.ts";
import { type Destination, destinationId, type GroupDelivery, type Mention } from "../../../src/domain/notification.ts";
import { builtInSeverities } from "../../../src/domain/severity.ts";
import { boundedRoutedGroup } from "../../../src/render/fit/shorten-alerts.ts";
import { loadTemplates } from "../../../src/render/load-templates.ts";
import type { Rendered } from "../../../src/render/message-draft.ts";
import { renderDelivery } from "../../../src/render/render.ts";
import type { RenderSettings, SettingsNow } from "../../../src/render/settings.ts";
import { buildTemplateSet, type LoadedTemplates, type TemplateSet } from "../../../src/render/template/template-set.ts";
import type { TemplateSource } from "../../../src/render/template/template-source.ts";
import type { TextNoticeCard } from "../../../src/wecom/message.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";
import { plainLook } from "../../support/look.ts";

export const now = Date.parse("2026-11-22T08:30:00Z");

export const settings: RenderSettings = {
  now,
  ...plainLook,
  severities: builtInSeverities,
  externalURL: null,
  actionLinks: null,
  people: new Map(),
  digest: { maxMessages: 3 },
  pictures: { file: null },
  voiceClip: null,
};

export function sampleAlert(labels: Readonly<Record<string, string>>, rest: Partial<Alert> = {}): Alert {
  const startsAt = now - 5_400_000;
  const endsAt = rest.status === "resolved" ? now - 60_000 : null;
  const startsAtText = new Date(startsAt).toISOString();
  const endsAtText = endsAt === null ? "0001-01-01T00:00:00Z" : new Date(endsAt).toISOString();
  return completeAlert({ labels, startsAt, endsAt, startsAtText, endsAtText, ...rest });
}

export function sampleGroup(alerts: readonly Alert[], rest: Partial<AlertGroup> = {}): AlertGroup {
  const commonLabels = commonPairs(alerts.map((alert) => alert.labels));
  const commonAnnotations = commonPairs(alerts.map((alert) => alert.annotations));
  return completeGroup(alerts, { commonLabels, commonAnnotations, ...rest });
}

export interface DeliveryChoices {
  /** Only `markdown` by default. */
  readonly messages?: readonly MessageKind[];
  readonly template?: string;
  readonly urgent?: boolean;
  readonly mention?: Partial<Mention>;
  /** Language, time zone and display; `plainLook` by default. */
  readonly look?: Partial<Destination>;
  readonly delivery?: Partial<GroupDelivery>;
}

/** Of a group as it is stored: bounded. */
export function deliveryOf(group: AlertGroup, choices: DeliveryChoices = {}): GroupDelivery {
  const { messages = ["markdown"], template = "default", urgent = false } = choices;
  const mention = { users: [], mobiles: [], all: false, on: ["firing"], repeats: false, ...choices.mention } as const;
  const destination = { bot: "ops", messages, template, urgent, mention, ...plainLook, ...choices.look };
  return {
    kind: "group",
    routed: boundedRoutedGroup({
      destination,
      routes: ["route"],
      group,
      grouping: "as_sent",
      mergeWaitMs: 0,
      notice: "",
    }),
    destinationId: destinationId(destination),
    acceptedAt: now,
    states: group.alerts.map((alert) => alertState(alert, group)),
    news: group.alerts.map(() => "new"),
    remindedAt: null,
    recoveredWhileWaiting: [],
    recoveries: new Map(),
    acknowledgedBy: [],
    notificationId: 1,
    late: false,
    ...choices.delivery,
  };
}

export function templatesOf(loaded: LoadedTemplates): TemplateSet {
  assert.equal(loaded.kind, "templates", JSON.stringify(loaded));
  return (loaded as Extract<LoadedTemplates, { kind: "templates" }>).set;
}

export const builtIn = templatesOf(loadTemplates({ globs: [], baseDir: ".", rotations: new Map() }));

/** The built-in templates, on 2026-11-22 16:30 in Shanghai; Chinese unless the destination says otherwise. */
export function renderSample(
  group: AlertGroup,
  choices: DeliveryChoices = {},
  rest: Partial<SettingsNow> = {},
): Rendered {
  return renderDelivery(deliveryOf(group, choices), builtIn, { ...settings, ...rest });
}

/** Own templates by file name, without the built-in ones. */
export function ownTemplates(files: Readonly<Record<string, string>>): TemplateSet {
  return templatesOf(buildTemplateSet(sourcesOf(files)));
}

export function sourcesOf(files: Readonly<Record<string, string>>): readonly TemplateSource[] {
  return Object.entries(files).map(([path, text]) => ({ name: path, path, text, language: null }));
}

export function markdownOf(rendered: Rendered): readonly string[] {
  return rendered.parts.flatMap(({ message }) => (message.msgtype === "markdown" ? [message.markdown.content] : []));
}

export function cardOf(rendered: Rendered) {
  const message = rendered.parts[0]?.message;
  assert.equal(message?.msgtype, "template_card");
  const card = (message as Extract<typeof message, { msgtype: "template_card" }>).template_card;
  assert.equal(card.card_type, "text_notice");
  return card as TextNoticeCard;
}
