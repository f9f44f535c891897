import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draftsOf } from "../../../src/deliver/drafts.ts";
import type { RenderedDelivery } from "../../../src/deliver/lane-options.ts";
import { RenderAbandoned } from "../../../src/deliver/render-abandoned.ts";
import { createRenderer, smallLength } from "../../../src/deliver/renderer.ts";
import type { QueuedDelivery } from "../../../src/domain/queued-delivery.ts";
import { baseSettingsOf, settingsAt } from "../../../src/render/settings.ts";
import { builtIn, deliveryOf, sampleAlert, sampleGroup, settings } from "../render/deliveries.ts";

const at = settings.now;
const templates = builtIn("zh");
const ofThread = { kind: "group", mode: "full", alerts: 0, drafts: [], shortenedValues: 0, templateFailures: [] };

function delivery() {
  const asked: QueuedDelivery[] = [];
  const thread = {
    render: async (waiting: QueuedDelivery) => {
      asked.push(waiting);
      return ofThread as RenderedDelivery;
    },
  };
  return { asked, render: createRenderer({ templates, settings: baseSettingsOf(settings), thread }) };
}

function waitingOf(bodies: readonly string[]): QueuedDelivery {
  const groups = bodies.map((body) => [{ acceptedAt: at - 1_000, repeat: false, body }]);
  return { mostInFull: 9, bot: "ops", late: false, urgent: false, groups };
}

const group = JSON.stringify(deliveryOf(sampleGroup([sampleAlert({ alertname: "磁盘满" })])).routed);

describe("the renderer", () => {
  it("says a small delivery itself, as the thread would", async () => {
    const { asked, render } = delivery();

    const told = await render(waitingOf([group]), at);

    assert.deepEqual(told, draftsOf(waitingOf([group]), templates, settingsAt(at, settings)));
    assert.deepEqual(asked, []);
  });

  it("leaves to the thread what is large, in one body or in many", async () => {
    const { asked, render } = delivery();
    const large = waitingOf([group + " ".repeat(smallLength)]);
    const many = waitingOf(Array<string>(Math.ceil(smallLength / group.length) + 1).fill(group));

    const told = [await render(large, at), await render(many, at)];

    assert.deepEqual(told, [ofThread, ofThread]);
    assert.deepEqual(asked, [large, many]);
  });

  for (const [language, said] of [
    ["zh", /^\*\*有告警无法展开\*\*\n3 条，共 0\.1 MB，.*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
    ["en", /^\*\*Alerts that can not be shown\*\*\n3 alerts, 0\.1 MB .*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
  ] as const) {
    it(`says of what nobody can render number and names, in ${language}`, async () => {
      const thread = { render: () => Promise.reject(new Error("out of memory")) };
      const render = createRenderer({ templates, settings: { ...baseSettingsOf(settings), language }, thread });
      const names = ["磁盘满", "<@all>", "磁盘满"];
      const alerts = names.map((alertname) => sampleAlert({ alertname }));
      const body = JSON.stringify(deliveryOf(sampleGroup(alerts)).routed) + " ".repeat(smallLength);

      const { drafts, ...told } = await render(waitingOf([body]), at);

      assert.match(JSON.parse(drafts[0]?.body ?? "").markdown.content, said);
      assert.equal(told.alerts, 3);
      assert.deepEqual(told.templateFailures, [{ template: "any", message: "out of memory" }]);
    });
  }

  it("says of what can not even be read that it is there", async () => {
    const thread = { render: () => Promise.reject(new Error("no JSON")) };
    const render = createRenderer({ templates, settings: baseSettingsOf(settings), thread });

    const told = await render(waitingOf(["{"]), at);

    assert.match(told.drafts[0]?.body ?? "", /\*\*\\n共 0\.0 MB/u);
  });

  it("says nothing for several that can not be told together, nor when the service stops", async () => {
    const failing = (cause: Error) =>
      createRenderer({
        templates,
        settings: baseSettingsOf(settings),
        thread: { render: () => Promise.reject(cause) },
      });
    const large = group + " ".repeat(smallLength);

    await assert.rejects(failing(new Error("out of memory"))(waitingOf([large, large]), at), /out of memory/u);
    await assert.rejects(failing(new RenderAbandoned("it stops"))(waitingOf([large]), at), RenderAbandoned);
  });

  it("leaves to the thread what it could not say itself", async () => {
    const { asked, render } = delivery();
    const unreadable = waitingOf(["no JSON"]);

    const told = await render(unreadable, at);

    assert.equal(told, ofThread);
    assert.deepEqual(asked, [unreadable]);
  });
});
