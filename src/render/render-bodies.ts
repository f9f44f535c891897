// Alerts as the fewest bodies of one dialect that fit, by a template; in the plain layout when the template fails.

import { type FitOptions, fitFirst, fitWithin, overflowFactor, type Run } from "./fit/fit.ts";
import { countShortened, type Shortener, shortenerFor } from "./fit/shorten-text.ts";
import type { Dialect } from "./markup/dialect.ts";
import { addMentions, type Mentions, noMentions, withMentions } from "./mention.ts";
import { failureOf, plainDraft, type RenderedParts } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";
import { PrintsTooMuch, type Template } from "./template/environment.ts";
import { stringsFor } from "./view/strings.ts";

/** A run of alerts, as a view has to show it. */
export interface BodyRun extends Run {
  /** `（2/3）`; empty when there is one part. */
  readonly partText: string;
  readonly mentions: Mentions;
  /** For the run's only alert; null: nothing is shortened. */
  readonly shorten: Shortener | null;
  /** Alerts that do not fit have no other body: a file follows. */
  readonly isExcerpt: boolean;
}

export interface BodySource<View> {
  readonly alerts: number;
  readonly dialect: Dialect;
  readonly mentions: Mentions;
  readonly settings: RenderSettings;
  /** When more would be needed, there is one, with the first alerts only. */
  readonly maxMessages: number;
  readonly view: (run: BodyRun) => View;
  /** The plain layout, with its data marked. */
  readonly plainly: (view: View) => string;
}

/** Without a template, in the plain layout. A template fails when it throws, prints nothing, or prints too much. */
export function renderBodies<View extends object>(source: BodySource<View>, template: Template | null): RenderedParts {
  const plain = () => fitBodies(source, source.plainly, () => true);
  if (template === null) return plain();
  const maxChars = overflowFactor * source.dialect.maxBytes;
  const print = (view: View) => template.render(view, source.settings, maxChars);
  try {
    // Alert text may look like a mark, so only what was shortened is searched for marks.
    return fitBodies(source, print, ({ level }) => level !== null);
  } catch (error) {
    return { ...plain(), failures: [failureOf(template.name, error)] };
  }
}

function fitBodies<View>(
  source: BodySource<View>,
  print: (view: View) => string,
  mayShorten: (run: Run) => boolean,
): RenderedParts {
  const { dialect, settings, mentions } = source;
  const strings = stringsFor(settings.language);
  const shortened = new Map<string, number>();
  const options = (isExcerpt: boolean): FitOptions => ({
    count: source.alerts,
    maxBytes: dialect.maxBytes,
    render(run) {
      const body = renderRun(source, print, { run, isExcerpt });
      if (body !== null && mayShorten(run)) shortened.set(body, countShortened(body, strings));
      return body;
    },
  });
  const all = fitWithin(options(false), source.maxMessages);
  const bodies = all ?? [fitFirst(options(true))];
  const messages = bodies.map(dialect.asMessage);
  return {
    parts: messages.map((message, index) => plainDraft(index === 0 ? addMentions(message, mentions) : message)),
    complete: all !== null,
    failures: [],
    shortenedValues: bodies.reduce((sum, body) => sum + (shortened.get(body) ?? 0), 0),
  };
}

/** Null when the template was stopped because it prints too much. */
function renderRun<View>(
  source: BodySource<View>,
  print: (view: View) => string,
  { run, isExcerpt }: { readonly run: Run; readonly isExcerpt: boolean },
): string | null {
  const mentions = run.number === 1 ? source.mentions : noMentions;
  const strings = stringsFor(source.settings.language);
  const shorten = run.level === null ? null : shortenerFor(run.level, strings);
  const partText = run.total > 1 ? strings.part(run.number, run.total) : "";
  try {
    const body = source.dialect.finish(print(source.view({ ...run, partText, mentions, shorten, isExcerpt })));
    if (body === "") throw new Error("the template prints nothing");
    return withMentions(body, mentions, source.dialect.finish);
  } catch (error) {
    if (error instanceof PrintsTooMuch) return null;
    throw error;
  }
}
