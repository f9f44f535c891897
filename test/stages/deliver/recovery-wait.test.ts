// What a text waits for, through the whole service: the values at recovery, a second at most, and only where nothing else waits.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { waitForRecoveries } from "../../../src/deliver/recovery-wait.ts";
import { routedGroupText } from "../../../src/domain/notification.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import { deliveredTexts } from "../../support/delivered.ts";
import { FakePrometheus } from "../../support/fake-prometheus.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../../support/stack.ts";
import { alertOf, laneWork, noon, routedGroup } from "../../support/waiting.ts";

type PlannedRequest = Parameters<typeof waitForRecoveries>[2];

const query = "disk_used_ratio > 0.9";
const token = "a-token-of-the-datasource";

interface Lab {
  readonly clock: ManualClock;
  readonly prometheus: FakePrometheus;
  readonly stack: Stack;
}

async function lab(t: TestContext, { hangs = false, route = "" } = {}): Promise<Lab> {
  const clock = new ManualClock();
  const prometheus = await FakePrometheus.start(() => clock.now());
  prometheus.rules = [{ name: "Disk", query }];
  prometheus.series.set("disk_used_ratio", [{ labels: { instance: "web-1" }, valueAt: () => 0.65 }]);
  prometheus.misbehave = () => hangs;
  const access = `url: "${prometheus.url}", bearer: { token: ${token} }`;
  const datasource = `{ generator_urls: ["http://prometheus:9090"], ${access} }`;
  const config = `datasources: { prod: ${datasource} }\nroute: { bot: ops${route} }`;
  const stack = await startStack({ config, bots: ["ops", "dba"], clock });
  t.after(async () => {
    await prometheus[Symbol.asyncDispose]();
    await stack.stop();
  });
  return { clock, prometheus, stack };
}

function alert(clock: ManualClock, { status = "resolved", instance = "web-1" } = {}) {
  return {
    status,
    labels: { alertname: "Disk", instance },
    startsAt: new Date(clock.now() - 600_000).toISOString(),
    endsAt: new Date(clock.now() - 30_000).toISOString(),
    generatorURL: `http://prometheus:9090/graph?${new URLSearchParams({ "g0.expr": query })}`,
  };
}

const groupOf = (groupKey: string, ...alerts: readonly object[]) => ({ version: "4", groupKey, alerts });

const textsOf = ({ stack }: Lab) => deliveredTexts(stack.simulator);

async function asked({ prometheus }: Lab): Promise<void> {
  await eventually("the datasource is asked", () => prometheus.requests.length > 0);
}

/** Enough turns for everything that needs no time. */
async function settle(): Promise<void> {
  for (let n = 0; n < 200; n++) await turn();
}

describe("a resolved alert", () => {
  it("says what it recovered to", async (t) => {
    const at = await lab(t);

    await at.stack.post(groupOf("Disk", alert(at.clock)));

    await eventually("it is sent", () => textsOf(at).length === 1);
    assert.match(textsOf(at)[0] ?? "", /恢复值 65%（阈值 > 90%，/u);
    assert.equal(await at.stack.metric('datasource_queries_total{datasource="prod",result="answered"}'), 2);
    assert.equal(await at.stack.metric('datasource_up{datasource="prod"}'), 1);
  });

  it("waits a second for a datasource that hangs, and says nothing then", async (t) => {
    const at = await lab(t, { hangs: true });
    await at.stack.post(groupOf("Disk", alert(at.clock)));
    await asked(at);

    await at.clock.advance(999);
    await settle();
    assert.equal(textsOf(at).length, 0);
    await at.clock.advance(1);

    await eventually("it is sent", () => textsOf(at).length === 1);
    assert.doesNotMatch(textsOf(at)[0] ?? "", /恢复值|序列/u);
  });

  it("waits no longer once something arrives for the bot", async (t) => {
    const at = await lab(t, { hangs: true });
    await at.stack.post(groupOf("Disk", alert(at.clock)));
    await asked(at);

    await at.stack.post(groupOf("Other", alert(at.clock, { status: "firing" })));

    await eventually("both are sent", () => textsOf(at).length === 2);
  });

  it("waits on when something arrives for another bot", async (t) => {
    const at = await lab(t, { hangs: true });
    await at.stack.post(groupOf("Disk", alert(at.clock)));
    await asked(at);

    await at.stack.post(groupOf("Other", alert(at.clock, { status: "firing" })), "/webhook/bot/dba");

    await eventually("the other is sent", () => textsOf(at).length === 1);
    await settle();
    assert.equal(textsOf(at).length, 1);
    await at.clock.advance(1_000);
    await eventually("both are sent", () => textsOf(at).length === 2);
  });

  it("that came with one that fires does not wait", async (t) => {
    const at = await lab(t, { hangs: true });

    await at.stack.post(groupOf("Disk", alert(at.clock), alert(at.clock, { status: "firing", instance: "web-2" })));

    await eventually("they are sent", () => textsOf(at).length === 1);
    assert.equal(at.prometheus.requests.length, 0);
  });

  it("does not wait while others wait for its bot", async (t) => {
    const at = await lab(t, { hangs: true, route: ", group: per_alert" });

    await at.stack.post(groupOf("Disk", alert(at.clock), alert(at.clock, { instance: "web-2" })));

    await eventually("the first is sent", () => textsOf(at).length >= 1);
    await asked(at);
    await at.clock.advance(1_000);
    await eventually("the second too", () => textsOf(at).length === 2);
  });
});

describe("a look-up that fails in a way nobody thought of", () => {
  it("is reported, and the alert is sent without it", async () => {
    const broken: unknown[] = [];
    const cause = new Error("too many arguments");
    const options = {
      process: {
        clock: new ManualClock(),
        outbox: { onWork: () => () => undefined },
        report: (event: unknown) => broken.push(event),
      },
      bodies: { recoveriesOf: () => Promise.reject(cause) },
    } as unknown as LaneOptions;
    const lane = { bot: "ops", work: () => laneWork() } as unknown as HeldLane;
    const body = routedGroupText(routedGroup([alertOf({ status: "resolved" })]));
    const request = { groups: [[{ id: 1, acceptedAt: noon, body }]], delivered: new Map(), acknowledgements: [] };
    const plan = { planned: { kind: "group", group: { ids: [1] } }, request: { ...request, mostInFull: 3 } };

    const recoveries = await waitForRecoveries(options, lane, plan as unknown as PlannedRequest);

    assert.equal(recoveries.size, 0);
    assert.deepEqual(broken, [{ kind: "broken", bot: "ops", cause }]);
  });
});

describe("a firing alert", () => {
  it("is sent at once, and the datasource is not asked", async (t) => {
    const at = await lab(t, { hangs: true });

    await at.stack.post(groupOf("Disk", alert(at.clock, { status: "firing" })));

    await eventually("it is sent", () => textsOf(at).length === 1);
    assert.equal(at.prometheus.requests.length, 0);
  });
});

describe("a datasource that fails", () => {
  it("rests after three failures, says so once, and the alerts are sent as before", async (t) => {
    const at = await lab(t);
    at.prometheus.misbehave = (_, response) => Boolean(response.writeHead(503).end());

    for (const key of ["a", "b", "c", "d", "e"]) {
      await at.stack.post(groupOf(key, alert(at.clock, { instance: key })));
      await eventually("it is sent", () => textsOf(at).length === "abcde".indexOf(key) + 1);
    }

    const lines = at.stack.log.filter((line) => line.includes("datasource"));
    assert.equal(lines.length, 2, lines.join(""));
    assert.match(lines[0] ?? "", /level=warn msg="datasource did not answer a query" datasource=prod reason=rejected/u);
    assert.match(lines[1] ?? "", /level=warn msg="datasource failed three times, rests for a minute"/u);
    assert.equal(await at.stack.metric('datasource_up{datasource="prod"}'), 0);
    assert.equal(await at.stack.metric('datasource_queries_total{datasource="prod",result="rejected"}'), 3);
    assert.equal(await at.stack.metric('datasource_queries_total{datasource="prod",result="resting"}'), 2);
  });

  it("keeps its token out of the log and the pages", async (t) => {
    const at = await lab(t);
    at.prometheus.misbehave = (_, response) => Boolean(response.destroy());

    await at.stack.post(groupOf("Disk", alert(at.clock)));

    await eventually("it is sent", () => textsOf(at).length === 1);
    const pages = ["/config", "/metrics", "/api/v1/status"].map(async (page) =>
      (await fetch(at.stack.origin + page)).text(),
    );
    const shown = [...at.stack.log, ...(await Promise.all(pages))].join("\n");
    assert.equal(at.prometheus.requests[0]?.headers.authorization, `Bearer ${token}`);
    assert.match(shown, /generator_urls/u);
    assert.ok(!shown.includes(token));
  });

  it("that answers again says so", async (t) => {
    const at = await lab(t);
    at.prometheus.misbehave = (_, response) => Boolean(response.writeHead(503).end());
    for (const key of ["a", "b", "c"]) {
      await at.stack.post(groupOf(key, alert(at.clock, { instance: key })));
      await eventually("it is sent", () => textsOf(at).length === "abc".indexOf(key) + 1);
    }
    at.prometheus.misbehave = () => false;

    await at.clock.advance(60_000);
    await at.stack.post(groupOf("Disk", alert(at.clock)));

    await eventually("it is sent", () => textsOf(at).length === 4);
    assert.match(textsOf(at)[3] ?? "", /恢复值 65%/u);
    assert.match(at.stack.log.join(""), /level=info msg="datasource answers again" datasource=prod/u);
  });

  it("that a reload removes is no longer shown as up", async (t) => {
    const at = await lab(t);
    await at.stack.post(groupOf("Disk", alert(at.clock)));
    await eventually("it is sent", () => textsOf(at).length === 1);

    await at.stack.reload({ config: "route: { bot: ops }" });

    assert.doesNotMatch(await at.stack.metrics(), /datasource_up\{/u);
  });
});
