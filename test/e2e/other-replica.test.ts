// Webhooks that come to a replica which does not deliver for their bot: the one that does is told, and delivers at once. A lease lasts
// ten seconds and a window sixty, so what waits for either is much later than the limit here.

import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { isTaken } from "../support/posting.ts";
import { alertsRead, assertLaws, type Lab, type Replica, startLab, untilDelivered, without } from "./delivery/lab.ts";
import { alertFor } from "./delivery/load.ts";

const promptMs = 3_000;

/** A lease of 10 s and a heartbeat of 3 s, and what a busy machine adds. */
const takeOverMs = 18_000;
const bots = Array.from({ length: 10 }, (_, n) => `${n}`.padStart(4, "b"));
/** Leaves fifteen slots for single messages: no bot gets as many here. */
const digestMessages = 3;
const perBot = 3;

/** A lab in which the first replica delivers for all bots: it was alone when they got their first webhooks. */
async function startHeld(t: TestContext, more: readonly string[] = []): Promise<Lab> {
  const lab = await startLab(t, { engine: "PostgreSQL", robots: [...bots, ...more] });
  const holder = await lab.start({ digestMessages });
  const ids = bots.map((_, n) => `w1${n}x`);
  const taken = await Promise.all(bots.map((bot, n) => post(holder, bot, ids[n] ?? "")));
  assert.deepEqual([...new Set(taken)], [true]);
  await untilDelivered(lab, ids);
  return lab;
}

it("a webhook is delivered at once, whichever replica it comes to", async (t) => {
  const lab = await startHeld(t);
  const other = await lab.start({ digestMessages });
  const tookMs: number[] = [];

  for (let n = 0; n < perBot * bots.length; n++) {
    const id = `w2${n}x`;
    assert.ok(await post(other, bots[n % bots.length] ?? "", id));
    const acceptedAt = performance.now();
    await untilDelivered(lab, [id], promptMs);
    tookMs.push(performance.now() - acceptedAt);
  }

  t.diagnostic(`the slowest of ${tookMs.length} after ${Math.round(Math.max(...tookMs))} ms`);
  assert.equal(assertLaws(lab).repeats, 0);
});

it("a webhook is delivered by another replica when the one that accepted it is killed right after its answer", async (t) => {
  const rounds = [1, 5, 9].map((answers, n) => ({ answers, fresh: `${n}`.padStart(4, "f"), freshId: `w4${n}x` }));
  const lab = await startHeld(
    t,
    rounds.map(({ fresh }) => fresh),
  );
  const accepted = new Set<string>();
  const late = new Set<string>();

  for (const [n, { answers, fresh, freshId }] of rounds.entries()) {
    const alerts = new Map(bots.map((bot, place) => [`w3${n}${place}x`, bot]));
    const taken = await postUntilKilled(await lab.start({ digestMessages }), alerts.set(freshId, fresh), answers);
    for (const id of taken) accepted.add(id);
    // The killed replica may have begun to deliver: then its lease must end before another takes over.
    await untilDelivered(lab, taken, takeOverMs).catch(() => {
      for (const id of without(taken, alertsRead(lab))) late.add(id);
    });
  }
  await untilDelivered(lab, without(accepted, late));

  t.diagnostic(`${accepted.size} accepted by replicas that were then killed`);
  assert.deepEqual(late, new Set(), `not delivered within ${takeOverMs} ms`);
  assertLaws(lab);
});

/** Posts all at once, and kills the replica at the n-th answer. Returns the alerts that it accepted. */
async function postUntilKilled(
  replica: Replica,
  alerts: ReadonlyMap<string, string>,
  nth: number,
): Promise<readonly string[]> {
  const accepted: string[] = [];
  await Promise.all(
    [...alerts].map(async ([id, bot]) => {
      if (!(await post(replica, bot, id))) return;
      accepted.push(id);
      if (accepted.length === nth) process.kill(replica.child.pid, "SIGKILL");
    }),
  );
  await replica.child.ended;
  return accepted;
}

function post({ origin }: Replica, bot: string, id: string): Promise<boolean> {
  return isTaken(`${origin}/webhook/bot/${bot}`, alertFor(bot, id));
}
