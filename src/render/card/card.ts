// A delivery as one card, or as a set of articles. In: rendered leaves; out: a body within every documented limit and within
// WeCom's advice on lengths, or null when it would lead nowhere or lacks the picture that it lives by.

import { articlesMax, cardAdvice } from "../../wecom/limits.ts";
import type { Article, CardMessage, NewsMessage, NewsNoticeCard, TextNoticeCard } from "../../wecom/message.ts";
import type { RenderContext } from "../body.ts";
import { shortenChars } from "../fit/shorten.ts";
import type { AlertView } from "../view/alert-view.ts";
import { viewGroup } from "../view/group-view.ts";
import { bestLink, sendableUrl } from "../view/links.ts";
import { cardFields } from "./card-fields.ts";
import { clickOf, type Filled, type FilledObject, fillObject } from "./card-fill.ts";
import type { CardTemplate } from "./card-template.ts";

export interface CardResult<Message> {
  readonly message: Message;
  /** Texts that were cut to the advised length. */
  readonly shortenedValues: number;
}

/** Throws as a template does. */
export function renderCard(
  kind: "text_notice" | "news_notice",
  template: CardTemplate,
  scene: RenderContext,
): CardResult<CardMessage> | null {
  const { settings, views } = scene;
  const count = { shortened: 0 };
  const filled = fillObject(template.render(groupView(scene), settings), cardFields[kind], count);
  const action = actionOf(filled.card_action) ?? defaultAction(scene);
  if (action === null || (kind === "news_notice" && filled.card_image === undefined)) return null;
  const main_title = titleOf(kind, filled, views.facts.name);
  const card = { card_type: kind, ...filled, main_title, card_action: action };
  // Every field was filled by its row of cardFields, and the required ones are there.
  const template_card = card as unknown as TextNoticeCard | NewsNoticeCard;
  return { message: { msgtype: "template_card", template_card }, shortenedValues: count.shortened };
}

/** An article for each of the first alerts; null when none of them has a picture. Throws as a template does. */
export function renderNews(template: CardTemplate, scene: RenderContext): CardResult<NewsMessage> | null {
  const count = { shortened: 0 };
  const group = groupView(scene);
  const shown = scene.views.alerts.slice(0, articlesMax);
  const articles = shown.map((alert) => {
    const filled = fillObject(template.render({ ...group, ...alert }, scene.settings), cardFields.news, count);
    return articleOf(filled, alert, scene);
  });
  if (articles.some((article) => article === null) || articles.every((article) => article?.picurl === undefined)) {
    return null;
  }
  const whole = articles.filter((article) => article !== null);
  return { message: { msgtype: "news", news: { articles: whole } }, shortenedValues: count.shortened };
}

function articleOf(filled: FilledObject, alert: AlertView, { views, settings }: RenderContext): Article | null {
  const title = typeof filled.title === "string" ? filled.title : alert.name;
  const own = typeof filled.url === "string" ? filled.url : null;
  const url = own ?? bestLink(alert.links) ?? sendableUrl(views.facts.externalURL) ?? sendableUrl(settings.externalURL);
  return url === null ? null : ({ ...filled, title, url } as Article);
}

function groupView({ views }: RenderContext) {
  return viewGroup(views.facts, { alerts: views.alerts, number: 1, total: 1, mentions: [], unmentioned: "" });
}

function actionOf(filled: Filled | undefined): FilledObject | null {
  if (filled === undefined || typeof filled !== "object" || Array.isArray(filled)) return null;
  const { type, url, appid, pagepath } = filled as FilledObject;
  const click = clickOf({ type, url, appid, pagepath });
  return click.type === undefined ? null : click;
}

/** The group's best link, the first alert's, the sender's own page, ours. */
function defaultAction({ views, settings }: RenderContext): FilledObject | null {
  const url =
    bestLink(views.facts.links) ??
    bestLink(views.alerts[0]?.links ?? []) ??
    sendableUrl(views.facts.externalURL) ??
    sendableUrl(settings.externalURL);
  return url === null ? null : { type: 1, url };
}

/** main_title must be there, and its title filled; in a text_notice `sub_title_text` will do. */
function titleOf(kind: "text_notice" | "news_notice", card: FilledObject, name: string): FilledObject {
  const title = (typeof card.main_title === "object" ? card.main_title : {}) as FilledObject;
  if (title.title !== undefined || (kind === "text_notice" && card.sub_title_text !== undefined)) return title;
  return { ...title, title: shortenChars(name, cardAdvice.title) };
}
