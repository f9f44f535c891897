import type { GroupDelivery } from "../domain/notification.ts";
import { voiceMaxBytes } from "../wecom/limits.ts";
import { type MessageDraft, mediaPlaceholder } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";

/** What is wrong with a clip, as the end of a sentence; null when WeCom accepts it (page: AMR only, at most 2 MB). */
export function clipDefect(clip: Uint8Array): string | null {
  if (clip.length > voiceMaxBytes) return `has more than ${voiceMaxBytes} bytes`;
  const isAmr = Buffer.from(clip.subarray(0, 5)).toString("latin1") === "#!AMR";
  return isAmr ? null : "is not an AMR clip; to make one: ffmpeg -i sound.mp3 -ar 8000 -ac 1 voice.amr";
}

/** One clip for all groups together, or none. A reminder and a late delivery have none. */
export function voiceDrafts(
  deliveries: readonly GroupDelivery[],
  { voiceClip }: RenderSettings,
): readonly MessageDraft[] {
  if (voiceClip === null || !deliveries.some(isAlarming)) return [];
  return [
    {
      message: { msgtype: "voice", voice: { media_id: mediaPlaceholder } },
      media: { type: "voice", name: "voice.amr", content: voiceClip },
      picture: null,
    },
  ];
}

function isAlarming({ routed, late, news }: GroupDelivery): boolean {
  const { destination, group } = routed;
  const asked = destination.urgent && destination.messages.includes("voice");
  return asked && !late && group.alerts.some(({ status }, n) => status === "firing" && news[n] !== "unchanged");
}
