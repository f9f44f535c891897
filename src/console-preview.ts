import type { RenderRequest } from "./deliver/renderer.ts";
import type { RoutedGroup } from "./domain/notification.ts";
import { windowMessages } from "./wecom/limits.ts";

/** As if these groups waited for their bot, and nothing of them had been delivered before. */
export function previewRequest(
  groups: readonly RoutedGroup[],
  { outboxNow, wallAt }: { readonly outboxNow: number; readonly wallAt: number },
): RenderRequest {
  return {
    bot: groups[0]?.destination.bot ?? "",
    late: false,
    urgent: false,
    mostInFull: windowMessages,
    groups: groups.map((routed) => [{ id: 0, acceptedAt: outboxNow, body: JSON.stringify(routed) }]),
    delivered: new Map(),
    acknowledgements: [],
    plannedAt: outboxNow,
    recoveries: new Map(),
    wallAt,
  };
}
