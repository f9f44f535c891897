import type { Delivery } from "../domain/notification.ts";
import { boundedDelivery } from "./fit/shorten-alerts.ts";
import type { Rendered } from "./message-draft.ts";
import { renderDigest } from "./render-digest.ts";
import { renderGroup } from "./render-group.ts";
import type { RenderSettings } from "./settings.ts";
import type { TemplateSet } from "./template/template-set.ts";
import { stringsFor } from "./view/strings.ts";

/** Never throws: a template that fails gives way to the plain layout, and the failure is reported. */
export function renderDelivery(delivery: Delivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const bounded = boundedDelivery(delivery, stringsFor(settings.language));
  return bounded.kind === "group"
    ? renderGroup(bounded, templates, settings)
    : renderDigest(bounded, templates, settings);
}
