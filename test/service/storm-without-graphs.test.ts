// A storm leaves no room for evidence: with a datasource, the group gets what it gets without one.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { playGraphs } from "../../bench/storm/graphs.ts";

describe("a storm of alerts that could have graphs", () => {
  for (const storm of [
    { alerts: 50, webhooks: 50 },
    { alerts: 2_000, webhooks: 100 },
  ]) {
    it(`has the same messages as without a datasource, which is not asked: ${storm.alerts} alerts in ${storm.webhooks} webhooks`, async () => {
      const { messages, ...outcome } = await playGraphs(storm);

      assert.deepEqual(outcome, { isSame: true, graphs: 0, queries: 0 });
      assert.ok(messages > 3 && messages <= 20, `${messages} messages`);
    });
  }
});
