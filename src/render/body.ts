// A group's delivery as bodies of one dialect, by a template: as few parts as fit.

import { fit, muchMore, type Run } from "./fit/fit.ts";
import { countShortened, shrink } from "./fit/shorten.ts";
import type { Dialect } from "./markup/dialect.ts";
import { type Mentions, noMentions, withMentions } from "./mention.ts";
import type { RenderSettings } from "./settings.ts";
import type { Template } from "./template/environment.ts";
import { PrintsTooMuch } from "./template/output-budget.ts";
import { viewGroup } from "./view/group-view.ts";
import { stringsFor } from "./view/strings.ts";
import type { Views } from "./view/view.ts";

export interface RenderContext {
  readonly views: Views;
  readonly mentions: Mentions;
  readonly settings: RenderSettings;
}

export interface Bodies {
  readonly bodies: readonly string[];
  readonly shortenedValues: number;
}

/** Throws when the template fails, prints nothing, or prints more than fits whatever it is given. */
export function renderBodies(template: Template, dialect: Dialect, scene: RenderContext): Bodies {
  const strings = stringsFor(scene.settings.language);
  const shortened = new Map<string, number>();
  const draw = (run: Run) => {
    const body = drawRun({ template, dialect }, scene, run);
    if (run.level !== null && body !== null) shortened.set(body, countShortened(body, strings));
    return body;
  };
  const bodies = fit({ count: scene.views.alerts.length, maxBytes: dialect.maxBytes, draw });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + (shortened.get(body) ?? 0), 0) };
}

/** Null when there was no use in printing to the end. */
export function unlessMuch(print: () => string): string | null {
  try {
    return print();
  } catch (error) {
    if (error instanceof PrintsTooMuch) return null;
    throw error;
  }
}

interface Drawn {
  readonly template: Template;
  readonly dialect: Dialect;
}

function drawRun({ template, dialect }: Drawn, { views, mentions, settings }: RenderContext, run: Run): string | null {
  const alerts = views.alerts.slice(run.from, run.to);
  const named = run.number === 1 ? mentions : noMentions;
  const { number, total } = run;
  const view = viewGroup(views.facts, { alerts, number, total, mentions: named.users, unmentioned: named.unmentioned });
  const shown = run.level === null ? view : shrink(view, run.level, stringsFor(settings.language));
  const { now, timezone, language } = settings;
  const text = unlessMuch(() => template.render(shown, { now, timezone, language }, muchMore * dialect.maxBytes));
  if (text === null) return null;
  const body = dialect.finish(text);
  if (body === "") throw new Error(`template "${template.name}" prints nothing`);
  return withMentions(body, named);
}
