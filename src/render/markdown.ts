// A telling as markdown bodies, by a template: as few parts as fit, with room left for the note that it may be repeated.

import { markdownMaxBytes } from "../wecom/limits.ts";
import type { Template } from "./environment.ts";
import { neutralise } from "./escape.ts";
import { fit, type Run } from "./fit.ts";
import { viewGroup } from "./group-view.ts";
import { dropBadLinks } from "./markdown-links.ts";
import { type Mentions, withMentions } from "./mention.ts";
import { repeatMarkBytes } from "./possibly-repeated.ts";
import type { RenderSettings } from "./settings.ts";
import { countShortened, shrink } from "./shorten.ts";
import type { Views } from "./view.ts";
import { wordsOf } from "./words.ts";

export const bodyMaxBytes = markdownMaxBytes - repeatMarkBytes;

export interface Scene {
  readonly views: Views;
  readonly mentions: Mentions;
  readonly settings: RenderSettings;
}

export interface MarkdownBodies {
  readonly bodies: readonly string[];
  readonly shortenedValues: number;
}

/** Throws when the template fails, prints nothing, or prints more than fits whatever it is given. */
export function renderMarkdown(template: Template, scene: Scene): MarkdownBodies {
  const words = wordsOf(scene.settings.language);
  const shortened = new Map<string, number>();
  const draw = (run: Run) => {
    const body = drawRun(template, scene, run);
    if (run.level !== null) shortened.set(body, countShortened(body, words));
    return body;
  };
  const bodies = fit({ count: scene.views.alerts.length, maxBytes: bodyMaxBytes, draw });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + (shortened.get(body) ?? 0), 0) };
}

function drawRun(template: Template, { views, mentions, settings }: Scene, run: Run): string {
  const alerts = views.alerts.slice(run.from, run.to);
  const named = run.number === 1 ? mentions : { users: [], unmentioned: "" };
  const { number, total } = run;
  const view = viewGroup(views.facts, { alerts, number, total, mentions: named.users, unmentioned: named.unmentioned });
  const shown = run.level === null ? view : shrink(view, run.level, wordsOf(settings.language));
  const { now, timezone, language } = settings;
  const body = dropBadLinks(neutralise(template.render(shown, { now, timezone, language })));
  if (body === "") throw new Error(`template "${template.name}" prints nothing`);
  return withMentions(body, named);
}
