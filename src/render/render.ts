// A telling in, the parts that tell it out: in the kinds its routes ask for, in as many parts as WeCom's limits ask for. Never
// throws: a template that fails gives way to the fallback, and is reported.

import type { Telling, TellingForm } from "../domain/notification.ts";
import { boundedTelling } from "./bounded.ts";
import type { TemplateFailure } from "./mention.ts";
import type { OutgoingPart } from "./outgoing.ts";
import type { RenderSettings } from "./settings.ts";
import { tellDigest } from "./tell-digest.ts";
import { tellGroup } from "./tell-group.ts";
import type { TemplateSet } from "./template-set.ts";
import { wordsOf } from "./words.ts";

export type { TemplateFailure } from "./mention.ts";
export type { RenderSettings } from "./settings.ts";

export interface Rendered {
  readonly form: TellingForm;
  /** At least one. */
  readonly parts: readonly OutgoingPart[];
  readonly templateFailures: readonly TemplateFailure[];
  /** Values that did not fit and are shown with a mark of what is missing. */
  readonly shortenedValues: number;
}

export function renderTelling(telling: Telling, templates: TemplateSet, settings: RenderSettings): Rendered {
  const bounded = boundedTelling(telling, wordsOf(settings.language));
  return bounded.kind === "group" ? tellGroup(bounded, templates, settings) : tellDigest(bounded, templates, settings);
}
