import type { MessageKind } from "../domain/message-kind.ts";
import { type Delivery, type GroupDelivery, isAnnouncement } from "../domain/notification.ts";
import {
  everyoneMentioned,
  type GroupSources,
  mentionDrafts,
  mentionsOf,
  mergedMentions,
  noMentions,
  remainingMentions,
} from "./mention.ts";
import { pictureDraft, type Rendered } from "./message-draft.ts";
import { renderAnnouncements } from "./render-announcement.ts";
import { renderDigest } from "./render-digest.ts";
import { renderKind } from "./render-kind.ts";
import { type RenderSettings, type SettingsNow, settingsFor } from "./settings.ts";
import type { LanguageTemplates, TemplateSet } from "./template/template-set.ts";
import { prepareViews } from "./view/group-view.ts";
import { stringsFor } from "./view/strings.ts";
import { wantedGraph } from "./wanted-graph.ts";

/**
 * A template that fails does not throw: the plain layout is used instead, and the failure is reported.
 *
 * @param delivery its groups are bounded (fit/shorten-alerts.ts)
 */
export function renderDelivery(delivery: Delivery, templates: TemplateSet, settings: SettingsNow): Rendered {
  const own = settingsFor(delivery, settings);
  const ownTemplates = templates.in[own.language];
  const groups = delivery.kind === "group" ? [delivery] : delivery.groups;
  if (groups.every(({ routed }) => isAnnouncement(routed))) return renderAnnouncements(groups, own);
  return delivery.kind === "group"
    ? renderGroup(delivery, ownTemplates, own)
    : renderDigest(delivery, ownTemplates, own);
}

/** The kinds that the route asks for, in their order, then markdown if none of them names every alert. */
function renderGroup(delivery: GroupDelivery, templates: LanguageTemplates, settings: RenderSettings): Rendered {
  const sources: GroupSources = { delivery, views: prepareViews(delivery, settings), templates, settings };
  const strings = stringsFor(settings.language);
  const { mentions, failures } = mergedMentions([mentionsOf(sources)], strings);
  const { messages } = delivery.routed.destination;
  const asked = mentioningKind(messages);
  const render = (kind: MessageKind, mentioning: MessageKind | null) =>
    renderKind(kind, { ...sources, mentions: kind === mentioning ? mentions : noMentions });
  const kinds = messages.map((kind) => render(kind, asked));
  const isComplete = kinds.some(({ complete }) => complete);
  const mentionedBy = asked ?? (isComplete ? null : "markdown");
  const rendered = isComplete ? kinds : [...kinds, render("markdown", mentionedBy)];

  const { facts } = sources.views;
  const companion = mentionDrafts(remainingMentions(mentions, mentionedBy), facts, strings);
  const graph = messages.includes("image") ? null : wantedGraph(delivery, settings);
  const optional = graph === null ? [] : [pictureDraft(graph)];
  const parts = [...rendered.flatMap((one) => one.parts), ...companion, ...optional];
  return {
    alerts: facts.alertCount,
    mode: delivery.late ? "late" : "full",
    parts: parts.toSorted((a, b) => Number(a.picture !== null) - Number(b.picture !== null)),
    templateFailures: [...failures, ...rendered.flatMap((one) => one.failures)],
    mentioned: everyoneMentioned(mentions),
    unmentionable: mentions.unmentionable,
    shortenedValues: rendered.reduce((sum, one) => sum + one.shortenedValues, 0),
  };
}

/** The first kind that can mention people: text can mention all of them, markdown those that have a userid. */
function mentioningKind(messages: readonly MessageKind[]): "text" | "markdown" | null {
  if (messages.includes("text")) return "text";
  return messages.includes("markdown") ? "markdown" : null;
}
