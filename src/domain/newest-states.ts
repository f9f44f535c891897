// The newest state of each alert when several groups become one message.

import type { Alert, AlertGroup } from "./alert.ts";
import { type AlertState, alertState, isSameInstance } from "./instance.ts";

export interface MergedAlert {
  readonly alert: Alert;
  /** The group that has the alert in this state. */
  readonly group: AlertGroup;
  readonly state: AlertState;
  /** All its states, oldest first. */
  readonly states: readonly AlertState[];
}

/**
 * Alerts of the newest group in the sender's order, then those that only older groups have.
 *
 * @param groups oldest first
 */
export function newestStates(groups: readonly AlertGroup[]): readonly MergedAlert[] {
  const byIdentity = new Map<string, (MergedAlert & { states: AlertState[] })[]>();
  const merged: MergedAlert[] = [];
  for (const group of groups.toReversed()) {
    for (const alert of group.alerts) {
      const state = alertState(alert, group);
      const { identity } = state;
      const known = identity === null ? [] : (byIdentity.get(identity) ?? []);
      const newer = known.find((one) => isSameInstance(one.state, state));
      if (newer !== undefined) newer.states.unshift(state);
      else {
        const one = { alert, group, state, states: [state] };
        if (identity !== null) byIdentity.set(identity, [...known, one]);
        merged.push(one);
      }
    }
  }
  return merged;
}
