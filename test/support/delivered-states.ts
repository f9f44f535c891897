import {
  type DeliveredState,
  type DeliveredStates,
  deliveredStatesIn,
  type ShownStates,
} from "../../src/domain/instance.ts";

export function deliveredStates(states: readonly DeliveredState[]): DeliveredStates {
  const byDestination = Map.groupBy(states, ({ destination }) => destination);
  return new Map([...byDestination].map(([id, own]) => [id, Map.groupBy(own, ({ identity }) => identity)]));
}

/** Those of a rendered request. */
export function statesOf(
  { states }: { readonly states: string },
  { plannedAt }: { readonly plannedAt: number },
): readonly DeliveredState[] {
  return deliveredStatesIn(JSON.parse(states) as ShownStates, plannedAt);
}

/** As a delivery has them. */
export function textOfStates(states: readonly DeliveredState[]): string {
  return JSON.stringify(Object.fromEntries(Map.groupBy(states, ({ destination }) => destination)));
}

export function listOfStates(delivered: DeliveredStates): readonly DeliveredState[] {
  return [...delivered.values()].flatMap((byIdentity) => [...byIdentity.values()].flat());
}
