// Signed requests of a service that is killed while it takes them, alone or as two replicas: each is accepted at most once, and what was
// not accepted may be sent again unchanged.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { deliveredTexts } from "../support/delivered.ts";
import { webhookOf } from "../support/posting.ts";
import { eventually } from "../support/stack.ts";
import { engines, startLab } from "./delivery/lab.ts";

/** From the request to the kill: before it is read, while it is stored, after its answer. */
const killAfterMs = [0, 2, 4, 8, 16, 400];
const auth = "{ webhook: [{ hmac: { secret: s1gned, header: X-Sig, timestamp_header: X-Time } }] }";

/** The status of the answer; null for none. */
async function ask(origin: string, body: string, signedAt: number): Promise<number | null> {
  const signature = createHmac("sha256", "s1gned").update(`${signedAt}:${body}`).digest("hex");
  const headers = { "x-sig": signature, "x-time": `${signedAt}` };
  const answer = await fetch(`${origin}/webhook`, { method: "POST", headers, body }).catch(() => null);
  await answer?.text().catch(() => undefined);
  return answer?.status ?? null;
}

for (const engine of engines) {
  it(`${engine}: each is accepted once, after any kill and by any replica, and none is lost`, async (t) => {
    const lab = await startLab(t, { engine, robots: ["ops"] });
    const start = () => lab.start({ auth });
    let first = await start();
    const second = engine === "PostgreSQL" ? await start() : null;
    const answers: (readonly (number | null)[])[] = [];

    for (const ms of killAfterMs) {
      const body = webhookOf([{ labels: { alertname: `killed-after-${ms}-ms` } }], { ms: `${ms}` });
      const signedAt = Math.floor(Date.now() / 1_000);
      const asked = ask(first.origin, body, signedAt);
      await delay(ms);
      await first.child.stop("SIGKILL");
      first = await start();
      const origins = [first, second ?? first].map(({ origin }) => origin);
      answers.push([await asked, ...(await Promise.all(origins.map((origin) => ask(origin, body, signedAt))))]);
    }

    for (const [round, [killed, ...later]] of answers.entries()) {
      const accepted = later.filter((status) => status === 200).length;
      assert.ok(
        later.every((status) => status === 200 || status === 403) && accepted <= (killed === 200 ? 0 : 1),
        `killed after ${killAfterMs[round]} ms: ${killed}, then ${later}`,
      );
    }
    assert.deepEqual(answers.at(-1), [200, 403, 403]);
    // The first request either was stored without its answer, or is accepted when it comes again.
    for (const ms of killAfterMs) {
      const isDelivered = () => deliveredTexts(lab.simulator).some((text) => text.includes(`killed-after-${ms}-ms`));
      await eventually(`killed-after-${ms}-ms is delivered`, isDelivered);
    }
  });
}
