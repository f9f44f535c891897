// A telling in, the bodies that tell it out: a card or markdown, in as many parts as WeCom's limits ask for. Never throws: a
// template that fails gives way to the fallback, and is reported.

import type { GroupTelling, TellingForm } from "../domain/notification.ts";
import type { MarkdownMessage } from "../wecom/message.ts";
import { renderFallback } from "./fallback.ts";
import { type MarkdownBodies, renderMarkdown, type Scene } from "./markdown.ts";
import { mentionOf, mentionsOf, type TemplateFailure } from "./mention.ts";
import { cardNamesEveryAlert } from "./named-in-card.ts";
import { type OutgoingPart, plainPart } from "./outgoing.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template-set.ts";
import { type CardResult, renderCard } from "./text-notice.ts";
import { prepareViews } from "./view.ts";

export type { TemplateFailure } from "./mention.ts";
export type { RenderSettings } from "./settings.ts";

export interface Rendered {
  readonly form: TellingForm;
  /** At least one. */
  readonly parts: readonly OutgoingPart[];
  readonly templateFailures: readonly TemplateFailure[];
  /** Values that did not fit and are shown with a mark of what is missing. */
  readonly shortenedValues: number;
}

type Told = Omit<Rendered, "form">;

export function renderTelling(telling: GroupTelling, templates: TemplateSet, settings: RenderSettings): Rendered {
  const views = prepareViews(telling, settings);
  const mentions = mentionsOf({ telling, views, templates }, settings);
  const scene: Scene = { views, mentions, settings };
  const { messages, template } = telling.routed.destination;
  const told = messages.includes("text_notice")
    ? tellByCard(scene, templates, template)
    : tellByMarkdown(scene, templates, template);
  return {
    ...told,
    form: telling.late ? "late" : "full",
    templateFailures: [...mentions.failures, ...told.templateFailures],
  };
}

function tellByMarkdown(scene: Scene, templates: TemplateSet, name: string): Told {
  const template = templates.markdown(name) ?? templates.markdown("default");
  const missing = templates.markdown(name) === null ? [{ template: name, message: "there is no such template" }] : [];
  try {
    if (template !== null) return asRendered(renderMarkdown(template, scene), missing);
  } catch (error) {
    return asRendered(renderFallback(scene), [...missing, failure(name, error)]);
  }
  return asRendered(renderFallback(scene), missing);
}

function asRendered({ bodies, shortenedValues }: MarkdownBodies, failures: readonly TemplateFailure[]): Told {
  return { parts: bodies.map((body) => plainPart(asMarkdown(body))), templateFailures: failures, shortenedValues };
}

function asMarkdown(content: string): MarkdownMessage {
  return { msgtype: "markdown", markdown: { content } };
}

function failure(template: string, error: unknown): TemplateFailure {
  return { template, message: error instanceof Error ? error.message : String(error) };
}

/** A card that leads nowhere gives way to markdown; one that does not name everything is followed by it. */
function tellByCard(scene: Scene, templates: TemplateSet, name: string): Told {
  const card = tryCard(scene, templates, name);
  if (card.kind === "none")
    return withFailures(tellByMarkdown(scene, templates, markdownTwin(templates, name)), card.failures);
  const { message, shortenedValues } = card.result;
  if (!cardNamesEveryAlert(message.template_card, scene.views)) {
    const rest = tellByMarkdown(scene, templates, markdownTwin(templates, name));
    return { ...rest, parts: [plainPart(message), ...rest.parts] };
  }
  const { users, unmentioned } = scene.mentions;
  // A card can not mention anyone.
  const bell = users.length === 0 ? [] : [asMarkdown([...users.map(mentionOf), unmentioned].join(" ").trim())];
  return { parts: [plainPart(message), ...bell.map(plainPart)], templateFailures: [], shortenedValues };
}

type TriedCard =
  | { readonly kind: "card"; readonly result: CardResult }
  | { readonly kind: "none"; readonly failures: readonly TemplateFailure[] };

function tryCard(scene: Scene, templates: TemplateSet, name: string): TriedCard {
  const template = templates.textNotice(name);
  if (template === null) return { kind: "none", failures: [{ template: name, message: "there is no such template" }] };
  try {
    const result = renderCard(template, scene);
    return result === null ? { kind: "none", failures: [] } : { kind: "card", result };
  } catch (error) {
    return { kind: "none", failures: [failure(name, error)] };
  }
}

/** The markdown template of the same name goes with a card; without one, the built-in. */
function markdownTwin(templates: TemplateSet, name: string): string {
  return templates.markdown(name) === null ? "default" : name;
}

function withFailures(rendered: Told, failures: readonly TemplateFailure[]): Told {
  return { ...rendered, templateFailures: [...failures, ...rendered.templateFailures] };
}
