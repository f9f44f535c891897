// The PostgreSQL server is killed with SIGKILL while webhooks arrive and messages are in flight, and started again; the last time
// together with the service, as when their machine loses power.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { Overview, ServiceStatus } from "../../src/console/status.ts";
import { eventually } from "../support/stack.ts";
import { assertLaws, startLab, untilCrowded, untilDelivered } from "./delivery/lab.ts";
import { crowd, crowded, startLoad } from "./delivery/load.ts";

const bots = ["east", "west", "north", "south"];

it("a database killed under load, and its service too, loses no accepted alert and repeats none without the mark", async (t) => {
  const lab = await startLab(t, { engine: "PostgreSQL", robots: [...bots, crowded] });
  let replica = await lab.start();
  // So that a kill finds requests in flight.
  lab.simulator.script(null, [{ kind: "latency", ms: 150, times: 1_000 }]);

  const load = startLoad(t, { bots, origins: () => [replica.origin], everyMs: 40 });
  for (const kill of ["database", "database again", "both"]) {
    if (kill !== "database again") await crowd(() => replica.origin, kill.length);
    const before = lab.simulator.arrivals().length;
    await eventually("messages are sent", () => lab.simulator.arrivals().length >= before + 8);
    const refused = load.refused();
    await Promise.all([lab.postgres.crash(), kill === "both" ? replica.child.stop("SIGKILL") : null]);
    await eventually("webhooks are refused", () => load.refused() > refused);
    if (kill !== "both") assertSaysAway(await overviewOf(replica.origin));
    await lab.postgres.up();
    if (kill === "both") replica = await lab.start();
  }
  const acknowledged = await load.stop();
  await untilDelivered(lab, acknowledged);
  await untilCrowded(lab, [replica]);
  const { level } = await overviewOf(replica.origin);

  const seen = assertLaws(lab);
  t.diagnostic(`${acknowledged.size} webhooks, ${JSON.stringify(seen)}`);
  assert.equal(seen.mostInFlight, 1);
  assert.equal(level, "ok");
});

async function overviewOf(origin: string): Promise<Overview> {
  return ((await (await fetch(`${origin}/api/v1/status`)).json()) as ServiceStatus).overview;
}

function assertSaysAway({ level, sentence, problems }: Overview): void {
  assert.deepEqual([level, problems[0]?.code], ["bad", "webhooksRejected"]);
  assert.match(sentence, /^存不下来（(?:连不上数据库|数据库[^）]+)），webhook 回 503，自 .*\d\d:\d\d:\d\d 起/u);
}
