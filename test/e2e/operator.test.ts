// An operator replays and drops dead deliveries over the HTTP API while webhooks arrive and messages are in flight. With PostgreSQL the
// commands go to two replicas, also to the one that does not deliver.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ScriptedFault } from "../../src/simulator/faults.ts";
import { isTaken } from "../support/posting.ts";
import { eventually } from "../support/stack.ts";
import {
  alertsRead,
  assertLaws,
  engines,
  type Lab,
  type Replica,
  startLab,
  untilDelivered,
  without,
} from "./delivery/lab.ts";
import { alertFor, idPattern, startLoad } from "./delivery/load.ts";

const webhooks = 200;
const commandsAtLeast = 8;

/** WeCom rejects the message and its repairs, so it is dead. */
const rejection: ScriptedFault = { kind: "errcode", errcode: 44_004, times: 3 };
const slow = (times: number): ScriptedFault => ({ kind: "latency", ms: 100, times });

type Verb = "replay" | "drop";

interface DeadDelivery {
  readonly id: number;
  readonly parts: readonly { readonly body: string }[];
}

for (const engine of engines) {
  describe(`an operator of a service on ${engine}`, () => {
    const startReplicas = async (lab: Lab) =>
      Promise.all(Array.from({ length: engine === "PostgreSQL" ? 2 : 1 }, () => lab.start()));

    it("replays and drops under load: what was replayed arrives, what was dropped does not", async (t) => {
      const bots = ["east", "west", "north", "south", "alpha", "beta"];
      const lab = await startLab(t, { engine, robots: bots });
      for (const bot of bots) lab.simulator.script(bot, [slow(1), rejection, slow(2), rejection, slow(1_000)]);
      const replicas = await startReplicas(lab);
      const dropped = new Set<string>();
      let commands = 0;
      const command = async () => {
        const deliveries = await deadOf(replicas[0]);
        for (const delivery of deliveries) {
          commands += 1;
          const verb = commands % 2 === 0 ? "replay" : "drop";
          const ids = await order(replicas[commands % replicas.length], verb, delivery.id);
          assert.deepEqual(ids, [delivery.id], `${verb} was not carried out`);
          if (verb === "drop") for (const id of alertsOf(delivery)) dropped.add(id);
        }
        return deliveries.length;
      };

      const load = startLoad(t, { bots, origins: () => replicas.map(({ origin }) => origin), everyMs: 40 });
      await eventually("enough commands and webhooks", async () => {
        await command();
        return commands >= commandsAtLeast && load.acknowledged.size >= webhooks;
      });
      const acknowledged = await load.stop();
      await eventually(
        "nothing waits and nothing is dead",
        async () => !(await isWaiting(replicas, bots)) && (await command()) === 0,
      );
      await untilDelivered(lab, without(acknowledged, dropped));

      const seen = assertLaws(lab);
      const figures = { webhooks: acknowledged.size, commands, dropped: dropped.size, ...seen };
      t.diagnostic(JSON.stringify(figures));
      assert.deepEqual(without(dropped, alertsRead(lab)), [...dropped], "dropped, but delivered");
      assert.equal(seen.mostInFlight, 1);
    });

    it("who drops what another one replays at the same time: one of them has his way", async (t) => {
      const alerts = new Map(Array.from({ length: 24 }, (_, n) => [`${n}`.padStart(4, "b"), `w${n}x`]));
      const bots = [...alerts.keys()];
      const lab = await startLab(t, { engine, robots: bots });
      // What was replayed is dead again, twice.
      for (const bot of bots) lab.simulator.script(bot, [rejection, rejection, rejection]);
      const replicas = await startReplicas(lab);
      const posts = [...alerts].map(([bot, id]) =>
        isTaken(`${replicas[0]?.origin}/webhook/bot/${bot}`, alertFor(bot, id)),
      );
      assert.deepEqual([...new Set(await Promise.all(posts))], [true]);
      const dropped = new Set<string>();
      const contests: { readonly replay: number; readonly drop: number }[] = [];

      await eventually("everything is dropped or delivered", async () => {
        for (const delivery of await deadOf(replicas[0])) {
          const orders = (["replay", "drop"] as const).map((verb, n) => order(replicas.at(-n), verb, delivery.id));
          const [replay = [], drop = []] = await Promise.all(orders);
          contests.push({ replay: replay.length, drop: drop.length });
          if (drop.length > 0) for (const id of alertsOf(delivery)) dropped.add(id);
        }
        return !(await isWaiting(replicas, bots)) && (await deadOf(replicas[0])).length === 0;
      });
      await untilDelivered(lab, without(alerts.values(), dropped));

      t.diagnostic(`${contests.length} contests, ${dropped.size} dropped`);
      assert.deepEqual(
        contests.filter(({ replay, drop }) => replay + drop !== 1),
        [],
        "not carried out exactly once",
      );
      assert.deepEqual(without(dropped, alertsRead(lab)), [...dropped], "dropped, but delivered");
      assertLaws(lab);
    });
  });
}

async function deadOf(replica: Replica | undefined): Promise<readonly DeadDelivery[]> {
  const answer = await fetch(`${replica?.origin}/api/v1/dead`);
  const { deliveries } = (await answer.json()) as { readonly deliveries: readonly DeadDelivery[] };
  return deliveries;
}

/** The ids for which it was carried out. */
async function order(replica: Replica | undefined, verb: Verb, id: number): Promise<readonly number[]> {
  const headers = { "content-type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify({ ids: [id] }) };
  const answer = await fetch(`${replica?.origin}/api/v1/dead/${verb}`, options);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return (JSON.parse(text) as { readonly ids: readonly number[] }).ids;
}

function alertsOf({ parts }: DeadDelivery): readonly string[] {
  return [...new Set(parts.flatMap(({ body }) => body.match(idPattern) ?? []))];
}

async function isWaiting(replicas: readonly Replica[], bots: readonly string[]): Promise<boolean> {
  const counts = await Promise.all(bots.map((bot) => replicas[0]?.metric("outbox_notifications", bot)));
  return counts.some((count) => count !== 0);
}
