// Two Alertmanagers in a cluster post to two replicas of the service on a real PostgreSQL server: what they post more than once is
// delivered once, also when the replica that delivers for the bot is killed. Prints what it measured.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inflated } from "../../src/outbox/bodies.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { eventually } from "../support/stack.ts";
import { type Lab, type Service, startLab } from "./alertmanager/lab.ts";
import { markdownOf, messagesOf, metricOf, moreFlushes, timed, together, withinMs } from "./alertmanager/seen.ts";

const recovered = "✅ 已恢复";
const posted = 'alertmanager_wecom_webhook_requests_total{source="alertmanager",code="200"}';
const suppressed = 'alertmanager_wecom_duplicates_suppressed_total{source="alertmanager"}';
const tables = [
  ...["notifications", "deliveries", "messages", "attempts", "keys", "windows", "lanes", "media", "media_ids"],
  ...["dedup", "signatures", "owners", "history"],
];

const ways = [
  { name: "each to its own replica", postsTo: (peer: number) => [peer], posts: 2 },
  { name: "both to both replicas", postsTo: () => [0, 1], posts: 4 },
];

/** A lease lasts 10 s and may have been renewed just before the kill; the rest is for Prometheus and Alertmanager. */
const takeOverMs = 30_000;

const seen: string[] = [];
after(() => console.log(["", "seen:", ...seen.map((line) => `  ${line}`), ""].join("\n")));

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres?.stop());

for (const { name, postsTo, posts } of ways) {
  describe(`two Alertmanagers in a cluster that post ${name}`, () => {
    let lab: Lab;
    let schema: string;
    const sum = async (series: string) => {
      const counts = await Promise.all(running(lab).map((service) => metricOf(service, series)));
      return counts.reduce((total, count) => total + count, 0);
    };

    before(async () => {
      const { user, password, port, database } = await postgres.createPlace();
      schema = user;
      const storage = `postgres://${user}:${password?.reveal()}@127.0.0.1:${port}/${database}`;
      lab = await startLab({ alertmanagers: 2, replicas: 2, dedupWindow: "2m", storage, postsTo });
      await Promise.all(lab.services.map((service) => service.start()));
      await eventually(
        "the cluster has settled",
        async () => (await Promise.all(lab.alertmanagers.map((peer) => peer.settled(2)))).every(Boolean),
        withinMs,
      );
    });
    after(() => lab?.close());

    it("have each state delivered once, and every other webhook is recognised as a copy", async () => {
      await together(lab, posts, () => lab.samples.set("replication_lag_seconds", 30));
      await eventually("the firing alert is delivered", () => states(lab).length > 0, withinMs);
      await moreFlushes(lab);
      await together(lab, posts, () => lab.samples.set("replication_lag_seconds", 0));
      await eventually("the recovery is delivered", () => messagesOf(lab, "ops", "已恢复").length > 0, withinMs);
      await moreFlushes(lab);

      const [webhooks, copies] = [await sum(posted), await sum(suppressed)];
      const each = await Promise.all(lab.services.map((service) => metricOf(service, posted)));
      assert.deepEqual(states(lab), ["firing", "resolved"]);
      assert.equal(webhooks - copies, 2, `${webhooks} webhooks, ${copies} copies`);
      assert.ok(copies >= 2 * (posts - 1), `${copies} copies`);
      assert.ok(
        each.every((count) => count > 0),
        `a replica got no webhook: ${each.join(", ")}`,
      );
      seen.push(`${name}: ${webhooks} webhooks (${each.join(" + ")}), ${copies} recognised as copies, 2 messages`);
    });

    it("have an alert delivered once also when the replica that holds the lane is killed", async () => {
      const [holder] = await postgres.query(`select owner from ${schema}.lanes where bot = 'ops'`);
      const killed = lab.services.find((service) => String(holder?.owner).includes(`-${service.pid()}-`));
      assert.ok(killed, `no service is the owner ${holder?.owner}`);
      await killed.stop("SIGKILL");
      const deliveredMs = await timed(
        () => lab.samples.set("replication_lag_seconds", 30),
        () => states(lab).length === 3,
        takeOverMs,
      );
      await killed.start();
      await moreFlushes(lab);

      assert.deepEqual(states(lab), ["firing", "resolved", "firing"]);
      seen.push(`${name}: holder killed, delivered by the other ${deliveredMs} ms after the sample`);
    });

    it("break no rule of WeCom, and no key is in logs, metrics or tables", async () => {
      const rows = await Promise.all(tables.map((table) => postgres.query(`select * from ${schema}.${table}`)));
      const metrics = await Promise.all(running(lab).map((service) => service.metrics()));
      const texts = rows.flat().map(({ body }) => (Buffer.isBuffer(body) ? inflated(body) : body));
      const bodies = await Promise.all(texts);
      const shown = [
        ...lab.services.map((service) => service.output()),
        ...metrics,
        JSON.stringify([rows, bodies]),
      ].join("\n");

      assert.deepEqual(lab.simulator.violations(), []);
      assert.ok(lab.simulator.largestWindow() <= 20);
      assert.match(shown, /主从延迟/u);
      assert.doesNotMatch(shown, new RegExp([...lab.keys, "loopback-only"].join("|"), "u"));
      seen.push(`${name}: ${lab.simulator.accepted().length} messages, 0 violations, no key shown`);
    });
  });
}

function running(lab: Lab): readonly Service[] {
  return lab.services.filter((service) => service.running());
}

function states(lab: Lab): readonly string[] {
  const messages = messagesOf(lab, "ops", "主从延迟").map(markdownOf);
  return messages.map((message) => (message.startsWith(recovered) ? "resolved" : "firing"));
}
