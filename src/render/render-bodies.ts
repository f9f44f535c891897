// A group's delivery by a template, as the fewest bodies of one dialect that fit.

import { fit, overflowFactor, type Run } from "./fit/fit.ts";
import { shortenAlertView, shortenGroupFacts } from "./fit/shorten-alerts.ts";
import { countShortened } from "./fit/shorten-text.ts";
import { shortenerFor } from "./fit/shortener.ts";
import type { Dialect } from "./markup/dialect.ts";
import { type GroupSources, type Mentions, noMentions, withMentions } from "./mention.ts";
import { PrintsTooMuch, type Template } from "./template/environment.ts";
import { type GroupView, viewGroup } from "./view/group-view.ts";
import { stringsFor } from "./view/strings.ts";

/** What every kind of message of a group is made from. */
export interface GroupRenderInput extends GroupSources {
  /** Of the kind that mentions; none for the other kinds. */
  readonly mentions: Mentions;
}

export interface Bodies {
  readonly bodies: readonly string[];
  readonly shortenedValues: number;
}

/** Throws when the template fails, prints nothing, or does not get shorter with fewer alerts. */
export function renderBodies(template: Template, dialect: Dialect, input: GroupRenderInput): Bodies {
  const strings = stringsFor(input.settings.language);
  // Only these are counted: alert text may look like a mark.
  const shortened = new Map<string, number>();
  const render = (run: Run) => {
    const body = renderRun(template, dialect, { ...input, run });
    if (run.level !== null && body !== null) shortened.set(body, countShortened(body, strings));
    return body;
  };
  const bodies = fit({ count: input.views.alerts.length, maxBytes: dialect.maxBytes, render });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + (shortened.get(body) ?? 0), 0) };
}

/** Null when the template was stopped because it prints too much. */
export function unlessTooMuch(print: () => string): string | null {
  try {
    return print();
  } catch (error) {
    if (error instanceof PrintsTooMuch) return null;
    throw error;
  }
}

interface RunInput extends GroupRenderInput {
  readonly run: Run;
}

function renderRun(template: Template, dialect: Dialect, input: RunInput): string | null {
  const named = input.run.number === 1 ? input.mentions : noMentions;
  const view = viewRun(input, named);
  const text = unlessTooMuch(() => template.render(view, input.settings, overflowFactor * dialect.maxBytes));
  if (text === null) return null;
  const body = dialect.finish(text);
  if (body === "") throw new Error(`template "${template.name}" prints nothing`);
  return withMentions(body, named);
}

function viewRun({ views, run, settings }: RunInput, mentions: Mentions): GroupView {
  const alerts = views.alerts.slice(run.from, run.to);
  const part = {
    number: run.number,
    total: run.total,
    mentions: mentions.users,
    unmentioned: mentions.unmentioned,
  };
  if (run.level === null) return viewGroup(views.facts, { ...part, alerts });
  const shorten = shortenerFor(run.level, stringsFor(settings.language));
  return viewGroup(shortenGroupFacts(views.facts, shorten), {
    ...part,
    alerts: alerts.map((alert) => shortenAlertView(alert, shorten)),
  });
}
