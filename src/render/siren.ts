// The sound of an urgent alert: a configured clip, sent where a route asks for `voice`.

import type { GroupTelling } from "../domain/notification.ts";
import { mediaPlaceholder, type OutgoingPart } from "./outgoing.ts";
import type { RenderSettings } from "./settings.ts";

/** One clip for all of them together, or none. Not for a reminder, nor for what came too late to hurry. */
export function sirenParts(tellings: readonly GroupTelling[], { siren }: RenderSettings): readonly OutgoingPart[] {
  if (siren === null || !tellings.some(isAlarming)) return [];
  return [
    {
      message: { msgtype: "voice", voice: { media_id: mediaPlaceholder } },
      media: { type: "voice", name: "siren.amr", content: siren },
      picture: null,
    },
  ];
}

function isAlarming({ routed, late, repeat }: GroupTelling): boolean {
  const { destination, group } = routed;
  const asked = destination.urgent && destination.messages.includes("voice");
  return (
    asked && group.status === "firing" && !late && !repeat && group.notificationReason !== "repeat interval elapsed"
  );
}
