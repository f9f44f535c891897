// The one thing that a text waits for: what its alerts recovered to, where all of them are resolved and nothing else waits for the
// bot. A second at most, and not once something arrives.

import type { Recovery } from "../domain/recovery.ts";
import type { HeldLane } from "../outbox/lane.ts";
import type { DeliveryPlan } from "../plan/plan.ts";
import type { LaneOptions } from "./lane-options.ts";
import { mergeGroups, type RenderRequest } from "./renderer.ts";

const longestWaitMs = 1_000;

/** By identity; empty where it is not known in time. */
export async function waitForRecoveries(
  { process, bodies }: LaneOptions,
  lane: HeldLane,
  { planned, request }: { readonly planned: DeliveryPlan; readonly request: RenderRequest },
): Promise<ReadonlyMap<string, Recovery>> {
  if (bodies.recoveriesOf === null || planned.kind !== "group" || request.mostInFull === 0) return new Map();
  const { clock, outbox } = process;
  const own = planned.group.ids.length;
  const { pending, messages } = lane.work(clock.now(), own + 1);
  if (pending.length > own || messages.length > 0) return new Map();
  const alerts = mergeGroups(request).flatMap(({ routed }) => routed.group.alerts);
  if (alerts.some(({ status }) => status === "firing")) return new Map();

  const over = new AbortController();
  const stopListening = outbox.onWork((bots) => bots.includes(lane.bot) && over.abort());
  void clock.sleep(longestWaitMs, over.signal).then(() => over.abort());
  try {
    return await bodies.recoveriesOf(alerts, over.signal);
  } catch (cause) {
    // A text without a value at recovery is better than none.
    process.report({ kind: "broken", bot: lane.bot, cause });
    return new Map();
  } finally {
    stopListening();
    over.abort();
  }
}
