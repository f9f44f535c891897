import type { DeliveredState, DeliveredStates } from "../../src/domain/instance.ts";

export function deliveredStates(states: readonly DeliveredState[]): DeliveredStates {
  const byDestination = Map.groupBy(states, ({ destination }) => destination);
  return new Map([...byDestination].map(([id, own]) => [id, Map.groupBy(own, ({ identity }) => identity)]));
}

/** Those of a rendered request. */
export function statesOf({ states }: { readonly states: string }): readonly DeliveredState[] {
  return JSON.parse(states) as readonly DeliveredState[];
}

export function listOfStates(delivered: DeliveredStates): readonly DeliveredState[] {
  return [...delivered.values()].flatMap((byIdentity) => [...byIdentity.values()].flat());
}
