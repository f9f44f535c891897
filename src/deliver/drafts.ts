// The whole way out, on one screen: what waits, as the outbox keeps it, becomes the bodies that tell it. Pure; it may take
// seconds for a storm, so the service asks a thread for what is not small.

import type { Draft, RenderedDelivery } from "../deliver/lane-options.ts";
import { type Delivery, type DigestDelivery, type GroupDelivery, parseRoutedGroup } from "../domain/notification.ts";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import { supersede } from "../plan/supersede.ts";
import type { MessageDraft } from "../render/message-draft.ts";
import { type RenderSettings, renderDelivery } from "../render/render.ts";
import type { TemplateSet } from "../render/template-set.ts";
import { kindOf } from "../wecom/message.ts";

/** A group in full as far as there are messages for it; what is left over would hold up everything behind it. */
export function draftsOf(waiting: QueuedDelivery, templates: TemplateSet, settings: RenderSettings): RenderedDelivery {
  const { groups, digest } = mergedDelivery(waiting);
  const render = (delivery: Delivery): RenderedDelivery => {
    const { parts, ...rendered } = renderDelivery(delivery, templates, settings);
    const alerts = groups.reduce((sum, { routed }) => sum + routed.group.alerts.length, 0);
    return { ...rendered, kind: delivery.kind, alerts, drafts: parts.map(draftOf) };
  };
  const [only] = groups;
  if (only !== undefined && waiting.mostInFull > 0) {
    const inFull = render(only);
    if (inFull.drafts.length <= waiting.mostInFull) return inFull;
  }
  return render(digest);
}

/** Each group with the newest state of its alerts, and all of them as one. */
export function mergedDelivery({ bot, late, urgent, groups }: QueuedDelivery) {
  const merged = groups.map((texts) => mergedGroup(texts, late));
  const acceptedAt = merged.reduce((least, one) => Math.min(least, one.acceptedAt), Number.POSITIVE_INFINITY);
  const digest: DigestDelivery = { kind: "digest", bot, late, urgent, groups: merged, acceptedAt };
  return { groups: merged, digest };
}

function mergedGroup(texts: QueuedDelivery["groups"][number], late: boolean): GroupDelivery {
  const [first, ...others] = texts.map(({ body, ...rest }) => ({ ...rest, routed: parseRoutedGroup(body) }));
  if (first === undefined) throw new Error("a group to tell has no notification");
  return supersede([first, ...others], { late });
}

function draftOf({ message, media, picture }: MessageDraft): Draft {
  return { body: JSON.stringify(message), kind: kindOf(message), media, picture };
}
