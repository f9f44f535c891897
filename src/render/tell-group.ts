// One group in the kinds that its route asks for, in their order. Kinds that can not be made are left out; when none of the
// others names every alert, markdown follows that does.

import type { MessageKind } from "../domain/message-kind.ts";
import type { GroupTelling } from "../domain/notification.ts";
import type { CardMessage, NewsMessage, WecomMessage } from "../wecom/message.ts";
import { fileParts } from "./alert-file.ts";
import { rowsOf } from "./alert-row.ts";
import type { Scene } from "./body.ts";
import { type CardResult, renderCard, renderNews } from "./card.ts";
import type { CardKind } from "./card-fields.ts";
import type { CardTemplate } from "./card-template.ts";
import { type Mentions, mentionsOf, nobody, type TemplateFailure } from "./mention.ts";
import { articlesNameEveryAlert, cardNamesEveryAlert } from "./named-in-card.ts";
import { type OutgoingPart, plainPart } from "./outgoing.ts";
import type { Rendered } from "./rendered.ts";
import { ringingMessage } from "./ring.ts";
import type { RenderSettings } from "./settings.ts";
import { sirenParts } from "./siren.ts";
import { tellByBody } from "./tell-by-body.ts";
import type { TemplateSet } from "./template-set.ts";
import { failure, type GroupToTell, missing, nothing, type Told } from "./told.ts";
import { prepareViews } from "./view.ts";
import { wordsOf } from "./words.ts";

export function tellGroup(telling: GroupTelling, templates: TemplateSet, settings: RenderSettings): Rendered {
  const views = prepareViews(telling, settings);
  const { mentions, failures } = mentionsOf({ telling, views, templates }, settings);
  const { messages } = telling.routed.destination;
  const scene: Scene = { views, mentions, settings };
  const quiet: GroupToTell = { telling, templates, scene: { ...scene, mentions: nobody } };
  const loud: GroupToTell = { ...quiet, scene };

  const ringer = ringerOf(messages);
  const asked = messages.map((kind) => tellAs(kind, kind === ringer ? loud : quiet));
  const isComplete = asked.some((told) => told.complete);
  const told = isComplete ? asked : [...asked, tellAs("markdown", ringer === null ? loud : quiet)];
  const rung = ringer ?? (isComplete ? null : "markdown");
  return {
    form: telling.late ? "late" : "full",
    parts: [...told.flatMap(({ parts }) => parts), ...companion(unrung(mentions, rung), scene)],
    templateFailures: [...failures, ...told.flatMap((one) => one.failures)],
    shortenedValues: told.reduce((sum, one) => sum + one.shortenedValues, 0),
  };
}

/** The first kind that can ring people itself; text can ring all of them, markdown those that have a userid. */
function ringerOf(messages: readonly MessageKind[]): "text" | "markdown" | null {
  if (messages.includes("text")) return "text";
  return messages.includes("markdown") ? "markdown" : null;
}

function unrung(mentions: Mentions, ringer: "text" | "markdown" | null): Mentions {
  if (ringer === "text") return nobody;
  return ringer === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

function companion(mentions: Mentions, { views, settings }: Scene): readonly OutgoingPart[] {
  const { status, firingWord, firingCount, resolvedWord, resolvedCount, name } = views.facts;
  const words = wordsOf(settings.language);
  const [word, count] = status === "firing" ? [firingWord, firingCount] : [resolvedWord, resolvedCount];
  const about = `${word}${count > 1 ? words.alerts(count) : ""} ${name}`;
  const message = ringingMessage(mentions, about, settings.language);
  return message === null ? [] : [plainPart(message)];
}

function tellAs(kind: MessageKind, telling: GroupToTell): Told {
  switch (kind) {
    case "text":
    case "markdown":
    case "markdown_v2":
      return tellByBody(kind, telling);
    case "text_notice":
    case "news_notice":
      return tellByCard(kind, telling);
    case "news":
      return tellByNews(telling);
    case "image":
      return tellByPicture(telling);
    case "file":
      return tellByFile(telling);
    case "voice":
      return { ...nothing, parts: sirenParts([telling.telling], telling.scene.settings) };
  }
}

function tellByCard(kind: "text_notice" | "news_notice", at: GroupToTell): Told {
  const made = tryTemplate(kind, at, (template) => renderCard(kind, template, at.scene));
  if (made.result === null) return { ...nothing, failures: made.failures };
  const { message } = made.result;
  return toldBy(made.result, cardNamesEveryAlert(message.template_card, at.scene.views));
}

function tellByNews(at: GroupToTell): Told {
  const made = tryTemplate("news", at, (template) => renderNews(template, at.scene));
  if (made.result === null) return { ...nothing, failures: made.failures };
  const { message } = made.result;
  return toldBy(made.result, articlesNameEveryAlert(message.news.articles, at.scene.views));
}

/** What is cut in one that does not name everything is whole in what follows it. */
function toldBy({ message, shortenedValues }: CardResult<CardMessage | NewsMessage>, complete: boolean): Told {
  return { parts: [plainPart(message)], complete, failures: [], shortenedValues: complete ? shortenedValues : 0 };
}

interface Tried<Result> {
  readonly result: Result | null;
  readonly failures: readonly TemplateFailure[];
}

function tryTemplate<Result>(
  kind: CardKind,
  { telling, templates }: GroupToTell,
  render: (template: CardTemplate) => Result | null,
): Tried<Result> {
  const name = telling.routed.destination.template;
  const template = templates.card(kind, name);
  if (template === null) return { result: null, failures: [missing(name)] };
  try {
    return { result: render(template), failures: [] };
  } catch (error) {
    return { result: null, failures: [failure(name, error)] };
  }
}

/** The picture of the worst alert that has one, else the configured one. */
function tellByPicture({ scene }: GroupToTell): Told {
  const picture = scene.views.facts.picture === "" ? scene.settings.pictures.file : scene.views.facts.picture;
  if (picture === null) return nothing;
  const message: WecomMessage = { msgtype: "image", image: { base64: "", md5: "" } };
  return { ...nothing, parts: [{ message, media: null, picture }] };
}

function tellByFile({ telling, scene }: GroupToTell): Told {
  const { settings } = scene;
  const parts = fileParts(rowsOf([telling], settings), { bot: telling.routed.destination.bot, settings });
  return { ...nothing, parts, complete: true };
}
