// One group in the kinds that its route asks for, in their order. When none of them names every alert, a markdown
// message follows that does.

import type { MessageKind } from "../domain/message-kind.ts";
import type { GroupDelivery } from "../domain/notification.ts";
import { type GroupSources, mentionMessage, mentionsOf, noMentions, remainingMentions } from "./mention.ts";
import { plainDraft, type Rendered } from "./message-draft.ts";
import { renderKind } from "./render-kind.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template/template-set.ts";
import { type GroupFacts, prepareViews } from "./view/group-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";

export function renderGroup(delivery: GroupDelivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const sources: GroupSources = { delivery, views: prepareViews(delivery, settings), templates, settings };
  const { mentions, failures } = mentionsOf(sources);
  const { messages } = delivery.routed.destination;
  const asked = mentioningKind(messages);
  const render = (kind: MessageKind) =>
    renderKind(kind, { ...sources, mentions: kind === asked ? mentions : noMentions });
  const kinds = messages.map(render);
  const isComplete = kinds.some(({ complete }) => complete);
  const following = isComplete
    ? []
    : [renderKind("markdown", { ...sources, mentions: asked === null ? mentions : noMentions })];
  const rendered = [...kinds, ...following];

  const mentionedBy = asked ?? (isComplete ? null : "markdown");
  const { facts } = sources.views;
  const about = subjectOf(facts, stringsFor(settings.language));
  const companion = mentionMessage(remainingMentions(mentions, mentionedBy), about, settings.language);
  return {
    mode: delivery.late ? "late" : "full",
    parts: [...rendered.flatMap(({ parts }) => parts), ...(companion === null ? [] : [plainDraft(companion)])],
    templateFailures: [...failures, ...rendered.flatMap((one) => one.failures)],
    shortenedValues: rendered.reduce((sum, one) => sum + one.shortenedValues, 0),
  };
}

/** The first kind that can mention people: text can mention all of them, markdown those that have a userid. */
function mentioningKind(messages: readonly MessageKind[]): "text" | "markdown" | null {
  if (messages.includes("text")) return "text";
  return messages.includes("markdown") ? "markdown" : null;
}

function subjectOf(facts: GroupFacts, strings: Strings): string {
  const isFiring = facts.status === "firing";
  const word = isFiring ? facts.firingWord : facts.resolvedWord;
  const count = isFiring ? facts.firingCount : facts.resolvedCount;
  return `${word}${count > 1 ? strings.alerts(count) : ""} ${facts.name}`;
}
