// A delivery in, the parts that tell it out: in the kinds its routes ask for, in as many parts as WeCom's limits ask for. Never
// throws: a template that fails gives way to the fallback, and is reported.

import type { Delivery } from "../domain/notification.ts";
import { boundedDelivery } from "./fit/bounded.ts";
import { renderDigest } from "./render-digest.ts";
import { renderGroup } from "./render-group.ts";
import type { Rendered } from "./rendered.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template/template-set.ts";
import { stringsFor } from "./view/strings.ts";

export type { RenderSettings } from "./settings.ts";

export function renderDelivery(delivery: Delivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const bounded = boundedDelivery(delivery, stringsFor(settings.language));
  return bounded.kind === "group"
    ? renderGroup(bounded, templates, settings)
    : renderDigest(bounded, templates, settings);
}
