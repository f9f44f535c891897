// The service is killed with SIGKILL while deliveries of several parts are under way. They resume where they were: what was sent is
// not sent again, except a part whose answer the service did not see, and that one says so.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ScriptedFault } from "../../src/simulator/faults.ts";
import type { AcceptedMessage, SendArrival } from "../../src/simulator/record.ts";
import { repeatMark } from "../support/delivered.ts";
import { isTaken } from "../support/posting.ts";
import { eventually } from "../support/stack.ts";
import { assertLaws, engines, type Lab, type Replica, startLab, untilDelivered } from "./delivery/lab.ts";
import { partIds, partsFor } from "./delivery/load.ts";

const parts = 6;
/** The last part that the robot answers before the kill. */
const answered = [1, 3, 5] as const;

/** The next try after a busy answer comes no earlier. */
const busyMs = 500;

const failedRequests = "notification_requests_failed_by_bot_total";

type Kill = "between two parts" | "with a lost part in flight" | "with a shown part in flight" | "at any instant";

interface Delivery {
  readonly bot: string;
  readonly kill: Kill;
  readonly answered: number;
  readonly ids: readonly string[];
}

const faults: Readonly<Record<Kill, ScriptedFault>> = {
  // WeCom is busy, so the part waits for its next try.
  "between two parts": { kind: "errcode", errcode: -1 },
  "with a lost part in flight": { kind: "hang" },
  "with a shown part in flight": { kind: "accept-then-hang" },
  "at any instant": { kind: "latency", ms: 60, times: 100 },
};

const kills = Object.keys(faults) as readonly Kill[];
const deliveries: readonly Delivery[] = kills.flatMap((kill, k) =>
  answered.map((last) => ({ bot: `b${k}-${last}`, kill, answered: last, ids: partIds(10 * k + last, parts) })),
);

for (const engine of engines) {
  describe(`a delivery of ${parts} parts on ${engine}`, () => {
    it("resumes at the part that follows when its process is killed, wherever that was", async (t) => {
      const lab = await startLab(t, { engine, robots: deliveries.map(({ bot }) => bot) });
      for (const { bot, kill, answered: last } of deliveries) {
        lab.simulator.script(bot, [{ kind: "latency", ms: 0, times: last }, faults[kill]]);
      }
      const killed = await lab.start();

      const inFlight = deliveries.filter(({ kill }) => kill.endsWith("in flight"));
      const others = deliveries.filter((delivery) => !inFlight.includes(delivery));
      // What waits between two parts comes last: it waits only half a second for its next try.
      for (const some of [inFlight, others]) {
        const posts = some.map(({ bot, ids }) => isTaken(`${killed.origin}/webhook/bot/${bot}`, partsFor(bot, ids)));
        assert.deepEqual([...new Set(await Promise.all(posts))], [true]);
        await eventually("they are where they are to be killed", () => allStand(lab, killed, some));
      }
      const killedAt = Date.now();
      await killed.child.stop("SIGKILL");
      await lab.start();
      await untilDelivered(
        lab,
        deliveries.flatMap(({ ids }) => ids),
      );

      assertLaws(lab);
      for (const delivery of deliveries) assertResumed(delivery, lab, killedAt);
    });
  });
}

function arrivalsOf({ simulator }: Lab, bot: string): readonly SendArrival[] {
  return simulator.arrivals().filter(({ robot }) => robot === bot);
}

async function allStand(lab: Lab, replica: Replica, some: readonly Delivery[]): Promise<boolean> {
  const stands = await Promise.all(
    some.map(async ({ bot, kill, answered: last }) => {
      if (kill === "between two parts") return (await replica.metric(failedRequests, bot)) === 1;
      return kill === "at any instant" || arrivalsOf(lab, bot).length > last;
    }),
  );
  return stands.every((one) => one);
}

interface ShownPart {
  readonly part: number;
  readonly marked: boolean;
}

/** In order of arrival. */
function shownBy({ simulator }: Lab, { bot, ids }: Delivery): readonly ShownPart[] {
  const messages = simulator.accepted().filter(({ robot }) => robot === bot);
  return messages.map(({ body }: AcceptedMessage) => {
    const text = JSON.stringify(body);
    return { part: 1 + ids.findIndex((id) => text.includes(id)), marked: repeatMark.test(text) };
  });
}

function assertResumed(delivery: Delivery, lab: Lab, killedAt: number): void {
  const { bot, kill, answered: last } = delivery;
  const shown = shownBy(lab, delivery);
  const all = Array.from({ length: parts }, (_, n) => n + 1);
  const order = shown.map(({ part }) => part);
  const marked = shown.flatMap((one) => (one.marked ? [one.part] : []));
  const what = `killed ${kill} after part ${last}`;
  // On a busy machine the next try may have begun.
  const tried = kill === "between two parts" && killedAt - (arrivalsOf(lab, bot)[last]?.at ?? 0) >= busyMs;
  switch (tried ? "at any instant" : kill) {
    case "between two parts":
      assert.deepEqual([order, marked], [all, []], what);
      return;
    case "with a lost part in flight":
      assert.deepEqual([order, marked], [all, [last + 1]], what);
      return;
    case "with a shown part in flight":
      assert.deepEqual([order, marked], [all.toSpliced(last, 0, last + 1), [last + 1]], what);
      return;
    case "at any instant":
      assert.deepEqual(order, [...all, ...order.filter((part, n) => order.indexOf(part) < n)].sort(), what);
      assert.ok(order.length <= parts + 1 && marked.length <= 1, what);
  }
}
