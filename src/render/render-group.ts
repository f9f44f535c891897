// One group in the kinds that its route asks for, in their order. Kinds that can not be made are left out; when none of the
// others names every alert, markdown follows that does.

import type { MessageKind } from "../domain/message-kind.ts";
import type { GroupDelivery } from "../domain/notification.ts";
import type { CardMessage, NewsMessage, WecomMessage } from "../wecom/message.ts";
import { fileParts } from "./alert-file.ts";
import type { RenderContext } from "./body.ts";
import { type CardResult, renderCard, renderNews } from "./card/card.ts";
import type { CardKind } from "./card/card-fields.ts";
import type { CardTemplate } from "./card/card-template.ts";
import { articlesNameEveryAlert, cardNamesEveryAlert } from "./card/named-in-card.ts";
import { type Mentions, mentionsOf, noMentions, type TemplateFailure } from "./mention.ts";
import { mentionMessage } from "./mention-message.ts";
import { type MessageDraft, plainDraft } from "./message-draft.ts";
import { renderAsBody } from "./render-as-body.ts";
import type { Rendered } from "./rendered.ts";
import { failure, type GroupRenderInput, missing, nothing, type RenderedKind } from "./rendered-kind.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template/template-set.ts";
import { rowsOf } from "./view/alert-row.ts";
import { stringsFor } from "./view/strings.ts";
import { prepareViews } from "./view/view.ts";
import { voiceParts } from "./voice.ts";

export function renderGroup(delivery: GroupDelivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const views = prepareViews(delivery, settings);
  const { mentions, failures } = mentionsOf({ delivery, views, templates }, settings);
  const { messages } = delivery.routed.destination;
  const scene: RenderContext = { views, mentions, settings };
  const withoutMentions: GroupRenderInput = { delivery, templates, scene: { ...scene, mentions: noMentions } };
  const withMentions: GroupRenderInput = { ...withoutMentions, scene };

  const mentioningKind = mentioningKindOf(messages);
  const asked = messages.map((kind) => renderAs(kind, kind === mentioningKind ? withMentions : withoutMentions));
  const isComplete = asked.some((told) => told.complete);
  const told = isComplete
    ? asked
    : [...asked, renderAs("markdown", mentioningKind === null ? withMentions : withoutMentions)];
  const mentioned = mentioningKind ?? (isComplete ? null : "markdown");
  return {
    mode: delivery.late ? "late" : "full",
    parts: [...told.flatMap(({ parts }) => parts), ...companion(remainingMentions(mentions, mentioned), scene)],
    templateFailures: [...failures, ...told.flatMap((one) => one.failures)],
    shortenedValues: told.reduce((sum, one) => sum + one.shortenedValues, 0),
  };
}

/** The first kind that can ring people itself; text can ring all of them, markdown those that have a userid. */
function mentioningKindOf(messages: readonly MessageKind[]): "text" | "markdown" | null {
  if (messages.includes("text")) return "text";
  return messages.includes("markdown") ? "markdown" : null;
}

function remainingMentions(mentions: Mentions, mentioningKind: "text" | "markdown" | null): Mentions {
  if (mentioningKind === "text") return noMentions;
  return mentioningKind === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

function companion(mentions: Mentions, { views, settings }: RenderContext): readonly MessageDraft[] {
  const { status, firingWord, firingCount, resolvedWord, resolvedCount, name } = views.facts;
  const strings = stringsFor(settings.language);
  const [word, count] = status === "firing" ? [firingWord, firingCount] : [resolvedWord, resolvedCount];
  const about = `${word}${count > 1 ? strings.alerts(count) : ""} ${name}`;
  const message = mentionMessage(mentions, about, settings.language);
  return message === null ? [] : [plainDraft(message)];
}

function renderAs(kind: MessageKind, delivery: GroupRenderInput): RenderedKind {
  switch (kind) {
    case "text":
    case "markdown":
    case "markdown_v2":
      return renderAsBody(kind, delivery);
    case "text_notice":
    case "news_notice":
      return renderAsCard(kind, delivery);
    case "news":
      return renderAsNews(delivery);
    case "image":
      return renderAsPicture(delivery);
    case "file":
      return renderAsFile(delivery);
    case "voice":
      return { ...nothing, parts: voiceParts([delivery.delivery], delivery.scene.settings) };
  }
}

function renderAsCard(kind: "text_notice" | "news_notice", at: GroupRenderInput): RenderedKind {
  const made = tryTemplate(kind, at, (template) => renderCard(kind, template, at.scene));
  if (made.result === null) return { ...nothing, failures: made.failures };
  const { message } = made.result;
  return deliveredBy(made.result, cardNamesEveryAlert(message.template_card, at.scene.views));
}

function renderAsNews(at: GroupRenderInput): RenderedKind {
  const made = tryTemplate("news", at, (template) => renderNews(template, at.scene));
  if (made.result === null) return { ...nothing, failures: made.failures };
  const { message } = made.result;
  return deliveredBy(made.result, articlesNameEveryAlert(message.news.articles, at.scene.views));
}

/** What is cut in one that does not name everything is whole in what follows it. */
function deliveredBy(
  { message, shortenedValues }: CardResult<CardMessage | NewsMessage>,
  complete: boolean,
): RenderedKind {
  return { parts: [plainDraft(message)], complete, failures: [], shortenedValues: complete ? shortenedValues : 0 };
}

interface Tried<Result> {
  readonly result: Result | null;
  readonly failures: readonly TemplateFailure[];
}

function tryTemplate<Result>(
  kind: CardKind,
  { delivery, templates }: GroupRenderInput,
  render: (template: CardTemplate) => Result | null,
): Tried<Result> {
  const name = delivery.routed.destination.template;
  const template = templates.card(kind, name);
  if (template === null) return { result: null, failures: [missing(name)] };
  try {
    return { result: render(template), failures: [] };
  } catch (error) {
    return { result: null, failures: [failure(name, error)] };
  }
}

/** The picture of the worst alert that has one, else the configured one. */
function renderAsPicture({ scene }: GroupRenderInput): RenderedKind {
  const picture = scene.views.facts.picture === "" ? scene.settings.pictures.file : scene.views.facts.picture;
  if (picture === null) return nothing;
  const message: WecomMessage = { msgtype: "image", image: { base64: "", md5: "" } };
  return { ...nothing, parts: [{ message, media: null, picture }] };
}

function renderAsFile({ delivery, scene }: GroupRenderInput): RenderedKind {
  const { settings } = scene;
  const parts = fileParts(rowsOf([delivery], settings), { bot: delivery.routed.destination.bot, settings });
  return { ...nothing, parts, complete: true };
}
