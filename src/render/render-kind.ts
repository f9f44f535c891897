// A group's delivery as messages of one kind.

import type { MessageKind } from "../domain/message-kind.ts";
import type { CardMessage, NewsMessage, WecomMessage } from "../wecom/message.ts";
import { fileDrafts } from "./alert-file.ts";
import { type CardResult, renderCard, renderNews } from "./card/card.ts";
import type { CardKind } from "./card/card-fields.ts";
import type { CardTemplate } from "./card/card-template.ts";
import { articlesNameEveryAlert, cardNamesEveryAlert } from "./card/named-in-card.ts";
import { renderFallback } from "./fallback.ts";
import { type BodyKind, dialects } from "./markup/dialect.ts";
import { asPlain } from "./markup/plain-text.ts";
import { addMentions } from "./mention.ts";
import { failureOf, type MessageDraft, noSuchTemplate, plainDraft, type TemplateFailure } from "./message-draft.ts";
import { type GroupRenderInput, renderBodies } from "./render-bodies.ts";
import type { Template } from "./template/environment.ts";
import { rowsOf } from "./view/alert-row.ts";
import { voiceDrafts } from "./voice.ts";

export interface RenderedKind {
  readonly parts: readonly MessageDraft[];
  /** Every alert is named in them. */
  readonly complete: boolean;
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

const nothing: RenderedKind = { parts: [], complete: false, failures: [], shortenedValues: 0 };

/** Without parts when the group cannot be rendered as this kind. */
export function renderKind(kind: MessageKind, input: GroupRenderInput): RenderedKind {
  switch (kind) {
    case "text":
    case "markdown":
    case "markdown_v2":
      return renderAsBody(kind, input);
    case "text_notice":
    case "news_notice":
      return renderAsCard(kind, input);
    case "news":
      return renderAsNews(input);
    case "image":
      return renderAsPicture(input);
    case "file":
      return renderAsFile(input);
    case "voice":
      return { ...nothing, parts: voiceDrafts([input.delivery], input.settings) };
  }
}

function renderAsBody(kind: BodyKind, input: GroupRenderInput): RenderedKind {
  const { destination } = input.delivery.routed;
  const own = input.templates.body(kind, destination.template);
  // A template of the card alone is no failure: what follows the card has the built-in template.
  const isMissing = own === null && destination.messages.includes(kind);
  const made = renderMessages(kind, own ?? input.templates.body(kind, "default"), input);
  const [first, ...others] = made.messages;
  const messages = first === undefined ? [] : [addMentions(first, input.mentions), ...others];
  return {
    parts: messages.map(plainDraft),
    complete: true,
    failures: isMissing ? [noSuchTemplate(destination.template), ...made.failures] : made.failures,
    shortenedValues: made.shortenedValues,
  };
}

interface RenderedMessages {
  readonly messages: readonly WecomMessage[];
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

function renderMessages(kind: BodyKind, template: Template | null, input: GroupRenderInput): RenderedMessages {
  if (template === null) return fallbackMessages(kind, input, []);
  try {
    const { bodies, shortenedValues } = renderBodies(template, dialects[kind], input);
    return { messages: bodies.map(dialects[kind].asMessage), failures: [], shortenedValues };
  } catch (error) {
    return fallbackMessages(kind, input, [failureOf(input.delivery.routed.destination.template, error)]);
  }
}

/** Text is for personal WeChat, which shows no markdown. */
function fallbackMessages(
  kind: BodyKind,
  input: GroupRenderInput,
  failures: readonly TemplateFailure[],
): RenderedMessages {
  const { bodies, shortenedValues } = renderFallback(input);
  const messages = bodies.map(dialects.markdown.asMessage);
  return { messages: kind === "text" ? messages.flatMap(asPlain) : messages, failures, shortenedValues };
}

function renderAsCard(kind: "text_notice" | "news_notice", input: GroupRenderInput): RenderedKind {
  return withTemplate(kind, input, (template) => {
    const card = renderCard(kind, template, input);
    return card && asRendered(card, cardNamesEveryAlert(card.message.template_card, input.views));
  });
}

function renderAsNews(input: GroupRenderInput): RenderedKind {
  return withTemplate("news", input, (template) => {
    const news = renderNews(template, input);
    return news && asRendered(news, articlesNameEveryAlert(news.message.news.articles, input.views));
  });
}

/** What an incomplete card cuts is shown in full by the markdown that follows it. */
function asRendered(
  { message, shortenedValues }: CardResult<CardMessage | NewsMessage>,
  complete: boolean,
): RenderedKind {
  return { parts: [plainDraft(message)], complete, failures: [], shortenedValues: complete ? shortenedValues : 0 };
}

function withTemplate(
  kind: CardKind,
  { delivery, templates }: GroupRenderInput,
  render: (template: CardTemplate) => RenderedKind | null,
): RenderedKind {
  const name = delivery.routed.destination.template;
  const template = templates.card(kind, name);
  if (template === null) return { ...nothing, failures: [noSuchTemplate(name)] };
  try {
    return render(template) ?? nothing;
  } catch (error) {
    return { ...nothing, failures: [failureOf(name, error)] };
  }
}

/** The picture of the worst alert that has one, else the configured one. */
function renderAsPicture({ views, settings }: GroupRenderInput): RenderedKind {
  const picture = views.facts.picture === "" ? settings.pictures.file : views.facts.picture;
  if (picture === null) return nothing;
  const message: WecomMessage = { msgtype: "image", image: { base64: "", md5: "" } };
  return { ...nothing, parts: [{ message, media: null, picture }] };
}

function renderAsFile({ delivery, settings }: GroupRenderInput): RenderedKind {
  const parts = fileDrafts(rowsOf([delivery], settings), { bot: delivery.routed.destination.bot, settings });
  return { ...nothing, parts, complete: true };
}
