// The whole way out, on one screen: what waits, as the outbox keeps it, becomes the bodies that tell it. Pure; it may take
// seconds for a storm, so the service asks a thread for what is not small.

import type { Draft, RenderedTelling } from "../deliver/lane-options.ts";
import { type DigestTelling, type GroupTelling, parseRoutedGroup, type Telling } from "../domain/notification.ts";
import type { WaitingTelling } from "../domain/waiting-telling.ts";
import { supersede } from "../plan/supersede.ts";
import type { OutgoingPart } from "../render/outgoing.ts";
import { type RenderSettings, renderTelling } from "../render/render.ts";
import type { TemplateSet } from "../render/template-set.ts";
import { kindOf } from "../wecom/message.ts";

/** A group in full as far as there are messages for it; what is left over would hold up everything behind it. */
export function draftsOf(waiting: WaitingTelling, templates: TemplateSet, settings: RenderSettings): RenderedTelling {
  const { groups, digest } = mergedTelling(waiting);
  const render = (telling: Telling): RenderedTelling => {
    const { parts, ...rendered } = renderTelling(telling, templates, settings);
    const alerts = groups.reduce((sum, { routed }) => sum + routed.group.alerts.length, 0);
    return { ...rendered, kind: telling.kind, alerts, drafts: parts.map(draftOf) };
  };
  const [only] = groups;
  if (only !== undefined && waiting.mostInFull > 0) {
    const inFull = render(only);
    if (inFull.drafts.length <= waiting.mostInFull) return inFull;
  }
  return render(digest);
}

/** Each group with the newest state of its alerts, and all of them as one. */
export function mergedTelling({ bot, late, urgent, groups }: WaitingTelling) {
  const merged = groups.map((texts) => mergedGroup(texts, late));
  const acceptedAt = merged.reduce((least, one) => Math.min(least, one.acceptedAt), Number.POSITIVE_INFINITY);
  const digest: DigestTelling = { kind: "digest", bot, late, urgent, groups: merged, acceptedAt };
  return { groups: merged, digest };
}

function mergedGroup(texts: WaitingTelling["groups"][number], late: boolean): GroupTelling {
  const [first, ...others] = texts.map(({ body, ...rest }) => ({ ...rest, routed: parseRoutedGroup(body) }));
  if (first === undefined) throw new Error("a group to tell has no notification");
  return supersede([first, ...others], { late });
}

function draftOf({ message, media, picture }: OutgoingPart): Draft {
  return { body: JSON.stringify(message), kind: kindOf(message), media, picture };
}
