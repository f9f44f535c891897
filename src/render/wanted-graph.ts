import type { GroupDelivery } from "../domain/notification.ts";
import type { WantedGraph } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";

/**
 * One graph follows the text of a group that is delivered in full and has news. A reminder shows nothing new, and what is late is no
 * longer about now. `message: image` shows the configured picture where there is no graph.
 */
export function wantedGraph({ routed, late, news }: GroupDelivery, settings: RenderSettings): WantedGraph | null {
  const { destination, group } = routed;
  if (!destination.graph || late || news.every((one) => one === "unchanged")) return null;
  const otherwise = destination.messages.includes("image") ? settings.pictures.file : null;
  const { language, timezone } = settings;
  return { kind: "graph", alerts: group.alerts, language, timezone, otherwise };
}
