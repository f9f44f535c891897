// Connections of the service to PostgreSQL end while webhooks arrive and messages are in flight: the server ends them, again and
// again, or the network does, in the middle of a statement or of its answer.

import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { startCuttingRelay } from "../support/cutting-relay.ts";
import { eventually } from "../support/stack.ts";
import { assertLaws, type Lab, type Replica, startLab, untilCrowded, untilDelivered } from "./delivery/lab.ts";
import { crowd, crowded, type Load, startLoad } from "./delivery/load.ts";

const bots = ["east", "west", "north", "south"];
const webhooks = 250;
const cutsAtLeast = 60;

it("sessions that the server ends again and again lose no accepted alert, and repeat none without the mark", async (t) => {
  const lab = await startLab(t, { engine: "PostgreSQL", robots: [...bots, crowded] });
  const replica = await lab.start();
  let ended = 0;

  await underLoad(t, { lab, replica }, async (load) => {
    const endSessions = async (which: string) => {
      const sessions = `pg_stat_activity where usename = '${lab.user}' and ${which}`;
      const [row] = await lab.postgres.query(`select count(pg_terminate_backend(pid))::int as ended from ${sessions}`);
      ended += Number(row?.ended);
      return Number(row?.ended) > 0;
    };
    for (let n = 0; ended < cutsAtLeast || load.acknowledged.size < webhooks; n++) {
      const before = load.acknowledged.size;
      await eventually("some webhooks are accepted", () => load.acknowledged.size >= before + 3);
      // The idle ones too, now and then: among them is the one that listens.
      await eventually("a session works", () => endSessions(n % 5 === 0 ? "true" : "state <> 'idle'"));
    }
  });

  t.diagnostic(`${ended} sessions ended`);
});

it("connections cut after some bytes lose no accepted alert, and repeat none without the mark", async (t) => {
  const lab = await startLab(t, { engine: "PostgreSQL", robots: [...bots, crowded] });
  const relay = await startCuttingRelay(lab.postgres.port);
  t.after(() => relay.close());
  const replica = await lab.start({ databasePort: relay.port });
  let connections = 0;

  await underLoad(t, { lab, replica }, async (load) => {
    // Enough for the log-in and some statements. Different for each connection, so that every kind of statement is cut somewhere.
    relay.limit(() => {
      connections += 1;
      const direction = connections % 2 === 0 ? "toServer" : "fromServer";
      return { direction, bytes: 1_500 + ((connections * 7_919) % 15_000) };
    });
    const enough = () => relay.cuts() >= cutsAtLeast && load.acknowledged.size >= webhooks;
    // The fewer bytes a slow machine sends, the later a connection is cut.
    await eventually("enough connections are cut", enough, 180_000);
    relay.limit(null);
  });

  t.diagnostic(`${relay.cuts()} connections cut`);
});

interface Running {
  readonly lab: Lab;
  readonly replica: Replica;
}

async function underLoad(
  t: TestContext,
  { lab, replica }: Running,
  trouble: (load: Load) => Promise<void>,
): Promise<void> {
  lab.simulator.script(null, [{ kind: "latency", ms: 50, times: 1_000 }]);
  await crowd(() => replica.origin, 1);

  const load = startLoad(t, { bots, origins: () => [replica.origin], everyMs: 30 });
  await trouble(load);
  const acknowledged = await load.stop();
  await crowd(() => replica.origin, 2);
  await untilDelivered(lab, acknowledged);
  await untilCrowded(lab, [replica]);

  const seen = assertLaws(lab);
  t.diagnostic(`${acknowledged.size} webhooks, ${load.refused()} refused, ${JSON.stringify(seen)}`);
  assert.equal(seen.mostInFlight, 1);
}
