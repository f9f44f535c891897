// `/` and `/api/v1/status` of the whole service, in front of the simulator.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ServiceStatus } from "../../../src/console/status.ts";
import { eventually, startStack } from "../../support/stack.ts";

async function stackFor(t: TestContext, config: string) {
  const stack = await startStack({ bots: ["ops", "dba"], config });
  t.after(() => stack.stop());
  const ask = async (path: string, method = "GET") => {
    const answer = await fetch(`${stack.origin}${path}`, { method });
    return { answer, text: await answer.text() };
  };
  const status = async () => JSON.parse((await ask("/api/v1/status")).text) as ServiceStatus;
  return { stack, ask, status };
}

const alert = { alerts: [{ status: "firing", labels: { alertname: "磁盘将满" } }] };

test("page and JSON show an idle service as idle", async (t) => {
  const { ask, status } = await stackFor(t, "route: { bot: ops }");

  const page = await ask("/");
  const { bots, ready, storage, config } = await status();

  assert.equal(page.answer.status, 200);
  assert.match(page.answer.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(page.text, /ops[\s\S]*空闲/);
  assert.deepEqual(
    [ready, storage, config.refusedIssues],
    [true, { engine: "sqlite", answers: true, failures: [] }, 0],
  );
  assert.deepEqual(
    bots.map(({ bot, state, notifications, untriedKeys }) => [bot, state, notifications, untriedKeys]),
    [
      ["ops", "idle", 0, 1],
      ["dba", "idle", 0, 1],
    ],
  );
});

test("a key that WeCom rejects is shown with its reason and what is queued for it, without alert text", async (t) => {
  const { stack, ask, status } = await stackFor(t, "language: en\nroute: { bot: ops }");
  stack.simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);

  await stack.post(alert);
  await eventually("the key is off", async () => (await status()).bots[0]?.state === "allKeysRejected");
  const page = await ask("/");

  const [ops] = (await status()).bots;
  assert.deepEqual([ops?.notifications, ops?.workingKeys, ops?.reasons], [1, 0, ["keyInvalid"]]);
  const { overview } = await status();
  assert.equal(
    overview.sentence,
    "WeCom rejects the key of ops (invalid key, or robot removed from the group); 1 notification waits.",
  );
  // The window is as it was: one message of twenty was used.
  assert.deepEqual([ops?.freeSlots, ops?.windowSlots], [19, 20]);
  assert.ok(page.text.includes(overview.sentence));
  assert.match(page.text, /WeCom rejects all keys of the bot[\s\S]*\(keyInvalid\)<\/p><p>next check in /);
  assert.ok(!page.text.includes("磁盘将满"));
});

test("a message that WeCom rejects in every form is said first, until it is dropped", async (t) => {
  const { stack, status } = await stackFor(t, "route: { bot: ops }");
  stack.simulator.script("ops", Array(3).fill({ kind: "errcode", errcode: 40008 }));

  await stack.post(alert);
  await eventually("it is dead", async () => (await status()).bots[0]?.dead === 1);
  const { overview } = await status();

  assert.deepEqual([overview.level, overview.problems[0]?.code], ["bad", "dead"]);
  assert.equal(overview.sentence, "1 条消息被企业微信拒收，没有送达（ops）。");
  const { deliveries } = (await (await fetch(`${stack.origin}/api/v1/dead`)).json()) as {
    readonly deliveries: readonly { readonly id: number }[];
  };
  await fetch(`${stack.origin}/api/v1/dead/drop`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ids: deliveries.map(({ id }) => id) }),
  });
  assert.equal((await status()).overview.level, "ok");
});

test("a key is verified by the first message that WeCom takes, and no sooner", async (t) => {
  const { stack, status } = await stackFor(t, "route: { bot: ops }");
  const before = await stack.metrics();

  await stack.post(alert);
  await eventually("it is delivered", async () => (await status()).bots[0]?.workingKeys === 1);

  const [ops, dba] = (await status()).bots;
  assert.deepEqual([ops?.untriedKeys, typeof ops?.sentMsAgo], [0, "number"]);
  assert.deepEqual([dba?.workingKeys, dba?.untriedKeys, dba?.sentMsAgo], [0, 1, null]);
  assert.doesNotMatch(before, /key_up\{/u);
  assert.match(await stack.metrics(), /key_up\{bot="ops"\} 1/u);
});

test("a refused reload is shown until one succeeds", async (t) => {
  const { stack, ask, status } = await stackFor(t, "route: { bot: ops }");

  await stack.reload({ config: "route: { bot: nobody }" });
  const refused = await status();
  const page = await ask("/");
  await stack.reload({ config: "route: { bot: dba }" });

  assert.ok(refused.config.refusedIssues > 0);
  assert.match(page.text, /没有生效/);
  assert.equal((await status()).config.refusedIssues, 0);
});

test("both are read only", async (t) => {
  const { ask } = await stackFor(t, "route: { bot: ops }");

  const postedToApi = await ask("/api/v1/status", "POST");
  const posted = await ask("/", "POST");
  const head = await ask("/", "HEAD");

  assert.deepEqual([postedToApi.answer.status, postedToApi.answer.headers.get("allow")], [405, "GET, HEAD"]);
  assert.equal(posted.answer.status, 404);
  assert.equal(head.answer.status, 200);
});

test("a demo says so in the log, the metrics, the status and on the page; without one, nothing does", async (t) => {
  const [demo, real] = await Promise.all([startStack({ demo: true }), startStack()]);
  t.after(() => Promise.all([demo.stop(), real.stop()]));

  const shown = await Promise.all(
    [demo, real].map(async ({ origin, log, metric }) => {
      const status = (await (await fetch(`${origin}/api/v1/status`)).json()) as ServiceStatus;
      const page = await (await fetch(`${origin}/`)).text();
      const logged = log.some((line) => line.includes('msg="demo: messages go to the simulator'));
      return [status.demo, await metric("demo"), page.includes("演示"), logged];
    }),
  );

  assert.deepEqual(shown, [
    [true, 1, true, true],
    [false, 0, false, false],
  ]);
});
