// Graphs are optional parts, through the whole service, with a datasource that is a fake and a thread that draws.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { FakePrometheus } from "../../support/fake-prometheus.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../../support/stack.ts";

const query = "disk_used_ratio > 0.9";

interface Lab {
  readonly clock: ManualClock;
  readonly prometheus: FakePrometheus;
  readonly stack: Stack;
}

async function lab(t: TestContext, { hangs = false, route = "", more = "" } = {}): Promise<Lab> {
  const clock = new ManualClock();
  const prometheus = await FakePrometheus.start(() => clock.now());
  prometheus.rules = [{ name: "Disk", query }];
  prometheus.series.set("disk_used_ratio", [{ labels: { instance: "web-1" }, valueAt: () => 0.95 }]);
  prometheus.misbehave = () => hangs;
  const datasource = `{ generator_urls: ["http://prometheus:9090"], url: "${prometheus.url}" }`;
  const config = `datasources: { prod: ${datasource} }\n${more}\nroute: { bot: ops${route} }`;
  const stack = await startStack({ config, clock });
  t.after(async () => {
    await prometheus[Symbol.asyncDispose]();
    await stack.stop();
  });
  return { clock, prometheus, stack };
}

function disk({ clock }: Lab, { generator = "http://prometheus:9090", groupKey = "Disk" } = {}) {
  const alert = {
    status: "firing",
    labels: { alertname: "Disk", instance: "web-1" },
    startsAt: new Date(clock.now() - 600_000).toISOString(),
    generatorURL: `${generator}/graph?${new URLSearchParams({ "g0.expr": query })}`,
  };
  return { version: "4", groupKey, alerts: [alert] };
}

function bodies({ stack }: Lab) {
  type Body = { readonly msgtype: string; readonly image?: { readonly base64: string } };
  return stack.simulator.accepted().map(({ body }) => body as Body);
}

const kinds = (at: Lab) => bodies(at).map(({ msgtype }) => msgtype);

/** The lane works on while the time passes. */
function whenTimePasses({ clock }: Lab, what: string, condition: () => boolean | Promise<boolean>) {
  return eventually(what, async () => {
    await clock.advance(100);
    return condition();
  });
}

async function resultsOf(at: Lab): Promise<readonly string[]> {
  const found: string[] = [];
  await eventually(
    "the parts have ended",
    async () => {
      await at.clock.advance(100);
      const shown = (await at.stack.metrics()).matchAll(
        /optional_parts_total\{kind="graph",result="(\w+)"\} ([1-9]\d*)/gu,
      );
      found.push(...[...shown].map(([, result = "", count]) => `${result} ${count}`));
      return found.length > 0;
    },
    20_000,
  );
  return found;
}

describe("a graph", () => {
  it("follows the text of its alert as a PNG of 1068 by 640 pixels under 100 KB", async (t) => {
    const at = await lab(t);

    await at.stack.post(disk(at));

    assert.deepEqual(await resultsOf(at), ["sent 1"]);
    assert.deepEqual(kinds(at), ["markdown", "image"]);
    const png = Buffer.from(bodies(at)[1]?.image?.base64 ?? "", "base64");
    assert.deepEqual([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)], ["PNG", 1068, 640]);
    assert.ok(png.length < 100_000, `${png.length} bytes`);
  });

  it("whose datasource hangs delays no text, and is omitted at its time limit", async (t) => {
    const at = await lab(t, { hangs: true });

    await at.stack.post(disk(at));
    await eventually("its text is sent", () => kinds(at).length === 1);
    await eventually("the datasource is asked", async () => {
      await at.clock.advance(100);
      return at.prometheus.requests.length > 0;
    });
    await at.stack.post(disk(at, { groupKey: "other" }));
    await eventually("the next text is sent", () => kinds(at).length === 2);

    // Of the next text too: the same question has just timed out.
    assert.match((await resultsOf(at)).join(", "), /^timeout [12]$/u);
    assert.deepEqual(kinds(at), ["markdown", "markdown"]);
  });

  it("is not asked for while webhooks come in close succession, and a digest ends those that wait", async (t) => {
    const at = await lab(t);

    for (let n = 0; n < 40; n++) await at.stack.post(disk(at, { groupKey: `${n}` }));
    await eventually("a digest is sent", async () => {
      await at.clock.advance(100);
      return (await at.stack.metric('alerts_delivered_total{bot="ops",mode="digest"}')) > 0;
    });

    assert.equal(at.prometheus.requests.length, 0);
    assert.ok((await at.stack.metric('optional_parts_total{kind="graph",result="digest"}')) > 0);
    assert.ok(!kinds(at).includes("image"));
  });

  it("is not sent when a storm begins during its queries; none is queried again until the storm is over", async (t) => {
    const at = await lab(t, { hangs: true });
    const asked = () => at.prometheus.requests.length;
    const postAll = async (storm: string) => {
      for (let n = 0; n < 40; n++) await at.stack.post(disk(at, { groupKey: `${storm} ${n}` }));
    };
    await at.stack.post(disk(at));
    await whenTimePasses(at, "the datasource is asked", () => asked() === 1);

    await postAll("first");
    const isDigested = async () => (await at.stack.metric('alerts_delivered_total{bot="ops",mode="digest"}')) > 0;
    await whenTimePasses(at, "a digest is sent", isDigested);
    at.prometheus.misbehave = () => false;
    await postAll("second");
    const nothingWaits = async () => (await at.stack.metric('outbox_notifications{bot="ops"}')) === 0;
    await whenTimePasses(at, "all is sent", nothingWaits);

    assert.equal(asked(), 1);
    assert.ok(!kinds(at).includes("image"));
    assert.ok((await at.stack.metric('optional_parts_total{kind="graph",result="digest"}')) > 0);

    await at.clock.advance(60_000);
    await at.stack.post(disk(at, { groupKey: "after" }));
    await whenTimePasses(at, "its graph is sent", () => kinds(at).includes("image"));
    assert.equal(kinds(at).filter((kind) => kind === "image").length, 1);
  });

  it("is not asked for where the route says so", async (t) => {
    const at = await lab(t, { route: ", graph: false" });

    await at.stack.post(disk(at));
    await eventually("its text is sent", () => kinds(at).length === 1);
    await at.clock.advance(40_000);

    assert.equal(at.prometheus.requests.length, 0);
  });

  it("of a sender without a datasource is counted, and logged only for debugging", async (t) => {
    const at = await lab(t);

    await at.stack.post(disk(at, { generator: "http://elsewhere:9090" }));

    assert.deepEqual(await resultsOf(at), ["unknownSource 1"]);
    assert.match(at.stack.log.join(""), /level=debug [^\n]*part=graph result=unknownSource/u);
  });

  it("that there is none of leaves its place to the configured picture, for message: image", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-picture-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const png = Buffer.from("89504e470d0a1a0a00000000", "hex");
    writeFileSync(join(folder, "duty.png"), png);
    const more = `pictures: { file: "${join(folder, "duty.png")}" }`;
    const at = await lab(t, { route: ", message: [markdown, image]", more });

    await at.stack.post(disk(at, { generator: "http://elsewhere:9090" }));

    assert.deepEqual(await resultsOf(at), ["sent 1"]);
    assert.equal(bodies(at)[1]?.image?.base64, png.toString("base64"));
  });
});
