// Compares a storm with a datasource to the same storm without one. Storms of a single webhook are left out: they end soon, and
// urgent alerts that come some seconds later have graphs.

import { isDeepStrictEqual } from "node:util";
import { play } from "./play.ts";
import { startOurs, startWithGraphs } from "./senders.ts";
import { type Storm, storms } from "./storms.ts";

export interface GraphOutcome {
  readonly messages: number;
  /** The texts are the same as without a datasource, in the same order. */
  readonly isSame: boolean;
  readonly graphs: number;
  readonly queries: number;
}

export async function playGraphs(storm: Storm): Promise<GraphOutcome> {
  const plain = await play(storm, startOurs);
  const { messages, texts, asked } = await play(storm, startWithGraphs);
  const isSame = isDeepStrictEqual(texts, plain.texts);
  return { messages: texts.length, isSame, graphs: messages - texts.length, queries: asked };
}

export async function printGraphs(): Promise<void> {
  for (const storm of storms.filter(({ webhooks }) => webhooks > 1)) {
    const { messages, isSame, graphs, queries } = await playGraphs(storm);
    const counts = `${messages} messages, ${isSame ? "the same as" : "others than"} without; ${graphs} graphs, ${queries} queries`;
    console.log(`  ${String(storm.alerts).padStart(6)} alerts in ${storm.webhooks} webhooks: ${counts}`);
  }
}
