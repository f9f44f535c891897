// The law, for any interleaving: every stored notification waits or is in a delivery with a message; none is lost; the sending
// order of two messages never swaps, also when the lane is read again. A plain model does the same steps, and after each the
// outbox must look like it.

import { it } from "node:test";
import fc from "fast-check";
import { command } from "./model-command.ts";
import { ModelLane } from "./model-lane.ts";
import type { CreateStorage } from "./storage.ts";

export function outboxModel(create: CreateStorage, numRuns: number): void {
  it("any interleaving keeps every notification and the order of messages", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40, size: "max" }), fc.boolean(), async (commands, waits) => {
        const lane = await ModelLane.open(create, waits);
        try {
          for (const step of commands) {
            await lane.run(step);
            await lane.compare();
          }
        } finally {
          await lane.close();
        }
      }),
      { numRuns },
    );
  });
}
