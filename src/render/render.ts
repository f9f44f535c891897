// A telling in, the parts that tell it out: in the kinds its routes ask for, in as many parts as WeCom's limits ask for. Never
// throws: a template that fails gives way to the fallback, and is reported.

import type { Telling } from "../domain/notification.ts";
import { boundedTelling } from "./bounded.ts";
import type { Rendered } from "./rendered.ts";
import type { RenderSettings } from "./settings.ts";
import { tellDigest } from "./tell-digest.ts";
import { tellGroup } from "./tell-group.ts";
import type { TemplateSet } from "./template-set.ts";
import { wordsOf } from "./words.ts";

export type { TemplateFailure } from "./mention.ts";
export type { RenderSettings } from "./settings.ts";

export function renderTelling(telling: Telling, templates: TemplateSet, settings: RenderSettings): Rendered {
  const bounded = boundedTelling(telling, wordsOf(settings.language));
  return bounded.kind === "group" ? tellGroup(bounded, templates, settings) : tellDigest(bounded, templates, settings);
}
