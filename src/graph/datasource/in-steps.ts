import { setImmediate as nextTurn } from "node:timers/promises";

/** Texts are sent between the steps. */
export async function inSteps<T>(work: Generator<void, T>): Promise<T> {
  let step = work.next();
  for (; step.done !== true; step = work.next()) await nextTurn();
  return step.value;
}
