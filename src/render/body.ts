// A group's telling as bodies of one dialect, by a template: as few parts as fit.

import type { Dialect } from "./dialect.ts";
import type { Template } from "./environment.ts";
import { fit, type Run } from "./fit.ts";
import { viewGroup } from "./group-view.ts";
import { type Mentions, nobody, withMentions } from "./mention.ts";
import type { RenderSettings } from "./settings.ts";
import { countShortened, shrink } from "./shorten.ts";
import type { Views } from "./view.ts";
import { wordsOf } from "./words.ts";

export interface Scene {
  readonly views: Views;
  readonly mentions: Mentions;
  readonly settings: RenderSettings;
}

export interface Bodies {
  readonly bodies: readonly string[];
  readonly shortenedValues: number;
}

/** Throws when the template fails, prints nothing, or prints more than fits whatever it is given. */
export function renderBodies(template: Template, dialect: Dialect, scene: Scene): Bodies {
  const words = wordsOf(scene.settings.language);
  const shortened = new Map<string, number>();
  const draw = (run: Run) => {
    const body = drawRun({ template, dialect }, scene, run);
    if (run.level !== null) shortened.set(body, countShortened(body, words));
    return body;
  };
  const bodies = fit({ count: scene.views.alerts.length, maxBytes: dialect.maxBytes, draw });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + (shortened.get(body) ?? 0), 0) };
}

interface Drawn {
  readonly template: Template;
  readonly dialect: Dialect;
}

function drawRun({ template, dialect }: Drawn, { views, mentions, settings }: Scene, run: Run): string {
  const alerts = views.alerts.slice(run.from, run.to);
  const named = run.number === 1 ? mentions : nobody;
  const { number, total } = run;
  const view = viewGroup(views.facts, { alerts, number, total, mentions: named.users, unmentioned: named.unmentioned });
  const shown = run.level === null ? view : shrink(view, run.level, wordsOf(settings.language));
  const { now, timezone, language } = settings;
  const body = dialect.finish(template.render(shown, { now, timezone, language }));
  if (body === "") throw new Error(`template "${template.name}" prints nothing`);
  return withMentions(body, named);
}
