import type { MessageKind } from "../domain/message-kind.ts";
import type { CardMessage, NewsMessage } from "../wecom/message.ts";
import { fileDrafts } from "./alert-file.ts";
import { type CardResult, renderCard, renderNews } from "./card/card.ts";
import type { CardKind } from "./card/card-fields.ts";
import type { CardTemplate } from "./card/card-template.ts";
import { articlesShowEverything, cardShowsEverything } from "./card/named-in-card.ts";
import { shortenView } from "./fit/shorten-alerts.ts";
import { type BodyKind, dialects } from "./markup/dialect.ts";
import type { GroupRenderInput } from "./mention.ts";
import { failureOf, noSuchTemplate, pictureDraft, plainDraft, type RenderedParts } from "./message-draft.ts";
import { printGroupPlainly } from "./plain-layout.ts";
import { type BodyRun, type BodySource, renderBodies } from "./render-bodies.ts";
import { rowsOf } from "./view/digest-view.ts";
import { type GroupView, type Views, viewGroup } from "./view/group-view.ts";
import { stringsFor } from "./view/strings.ts";
import { voiceDrafts } from "./voice.ts";
import { wantedGraph } from "./wanted-graph.ts";

const nothing: RenderedParts = { parts: [], complete: false, failures: [], shortenedValues: 0 };

/** Without parts when the group cannot be rendered as this kind. */
export function renderKind(kind: MessageKind, input: GroupRenderInput): RenderedParts {
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

function renderAsBody(kind: BodyKind, input: GroupRenderInput): RenderedParts {
  const { delivery, templates, views, mentions, settings } = input;
  const { template: name, messages } = delivery.routed.destination;
  const own = templates.body(kind, name);
  const source: BodySource<GroupView> = {
    alerts: views.alerts.length,
    dialect: dialects[kind],
    mentions,
    settings,
    maxMessages: Number.POSITIVE_INFINITY,
    view: (run) => viewBody(views, run),
    plainly: (view) => printGroupPlainly(view, kind, stringsFor(settings.language)),
  };
  const rendered = renderBodies(source, own ?? templates.body(kind, "default"));
  // A template that exists only for the card is no failure: what follows the card uses the built-in template.
  const isMissing = own === null && messages.includes(kind);
  return isMissing ? { ...rendered, failures: [noSuchTemplate(name), ...rendered.failures] } : rendered;
}

function viewBody({ facts, alerts }: Views, run: BodyRun): GroupView {
  const shown = alerts.slice(run.from, run.to);
  const { shorten } = run;
  if (shorten === null) return viewGroup(facts, shown, run);
  const shortened = shown.map((alert) => shortenView(alert, shorten));
  return viewGroup(shortenView(facts, shorten), shortened, run);
}

function renderAsCard(kind: "text_notice" | "news_notice", input: GroupRenderInput): RenderedParts {
  return withTemplate(kind, input, (template) => {
    const card = renderCard(kind, template, input);
    return card && asRendered(card, cardShowsEverything(card.message.template_card, input.views));
  });
}

function renderAsNews(input: GroupRenderInput): RenderedParts {
  return withTemplate("news", input, (template) => {
    const news = renderNews(template, input);
    return news && asRendered(news, articlesShowEverything(news.message.news.articles, input.views));
  });
}

/** What an incomplete card cuts is shown in full by the markdown that follows it. */
function asRendered(
  { message, shortenedValues }: CardResult<CardMessage | NewsMessage>,
  complete: boolean,
): RenderedParts {
  return { parts: [plainDraft(message)], complete, failures: [], shortenedValues: complete ? shortenedValues : 0 };
}

function withTemplate(
  kind: CardKind,
  { delivery, templates }: GroupRenderInput,
  render: (template: CardTemplate) => RenderedParts | null,
): RenderedParts {
  const name = delivery.routed.destination.template;
  const template = templates.card(kind, name);
  if (template === null) return { ...nothing, failures: [noSuchTemplate(name)] };
  try {
    return render(template) ?? nothing;
  } catch (error) {
    return { ...nothing, failures: [failureOf(name, error)] };
  }
}

/** The picture of the worst alert that has one, else the graph, else the configured one. */
function renderAsPicture({ delivery, views, settings }: GroupRenderInput): RenderedParts {
  const { picture } = views.facts;
  const location = picture === "" ? settings.pictures.file : picture;
  const located = location === null ? null : ({ kind: "picture", location } as const);
  const wanted = picture === "" ? (wantedGraph(delivery, settings) ?? located) : located;
  return wanted === null ? nothing : { ...nothing, parts: [pictureDraft(wanted)] };
}

function renderAsFile({ delivery, settings }: GroupRenderInput): RenderedParts {
  const parts = fileDrafts(rowsOf([delivery], settings), { bot: delivery.routed.destination.bot, settings });
  return { ...nothing, parts, complete: true };
}
