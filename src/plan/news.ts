// Whether an alert is news: decided against the last state of it that was delivered, over all its states that waited. Pure.

import {
  type AlertState,
  type DeliveredState,
  type DeliveredStates,
  isSameInstance,
  startsAgain,
} from "../domain/instance.ts";
import type { AlertNews, GroupDelivery } from "../domain/notification.ts";

/** The states to record once these groups are delivered. A state without identity is not recorded. */
export function shownStates(groups: readonly GroupDelivery[], deliveredAt: number): readonly DeliveredState[] {
  return groups.flatMap(({ states, destinationId: destination }) =>
    states.flatMap(({ identity, origin, status, startsAt }) =>
      identity === null ? [] : { identity, origin, status, startsAt, destination, deliveredAt },
    ),
  );
}

/** The last state of the alert that this destination got, from any peer; null when there is none. */
export function lastDelivered(
  state: AlertState,
  destination: string,
  delivered: DeliveredStates,
): DeliveredState | null {
  const known = state.identity === null ? undefined : delivered.get(destination)?.get(state.identity);
  if (known === undefined) return null;
  const own = known.filter((one) => isSameInstance(one, state));
  return own.reduce<DeliveredState | null>(
    (last, one) => (last && last.deliveredAt > one.deliveredAt ? last : one),
    null,
  );
}

/**
 * @param states of one alert that waited, oldest first; the last one is delivered now
 * @param last null when no state of it was delivered
 */
export function newsOf(states: readonly AlertState[], last: DeliveredState | null): AlertNews {
  const now = states.at(-1);
  if (now === undefined || last === null) return "new";
  const wasDifferent = states.some(({ status }) => status !== last.status);
  if (now.status === "resolved") return wasDifferent ? "changed" : "unchanged";
  // It recovered in between, whether the sender said so or not.
  return wasDifferent || startsAgain(now, last) ? "new" : "unchanged";
}

/** Alertmanager's default repeat_interval. */
const remindAfterMs = 4 * 3_600_000;

/** A reminder under `per_alert`, without a notice, soon after the last: senders repeat the whole group when one of its alerts changes. */
export function isNeedless({ routed, news, remindedAt }: GroupDelivery, now: number): boolean {
  if (routed.grouping !== "per_alert" || routed.notice !== "" || news.some((one) => one !== "unchanged")) return false;
  return remindedAt !== null && now - remindedAt < remindAfterMs;
}
