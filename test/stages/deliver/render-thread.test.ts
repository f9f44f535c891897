// The thread that puts deliveries into words says what this process would say, gives up what does not end, and stops at once.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { draftsOf } from "../../../src/deliver/drafts.ts";
import { RenderAbandoned } from "../../../src/deliver/render-abandoned.ts";
import { RenderThread } from "../../../src/deliver/render-thread.ts";
import type { QueuedDelivery } from "../../../src/domain/queued-delivery.ts";
import { baseSettingsOf, settingsAt } from "../../../src/render/settings.ts";
import type { TemplateSet } from "../../../src/render/template-set.ts";
import type { ThreadLimits } from "../../../src/threads/question-thread.ts";
import { eventually } from "../../support/stack.ts";
import { builtIn, deliveryOf, ownTemplates, sampleAlert, sampleGroup, settings } from "../render/deliveries.ts";

const at = settings.now;

function threadWith(t: TestContext, templates: TemplateSet, limits: Partial<ThreadLimits> = {}): RenderThread {
  const thread = new RenderThread(
    { sources: templates.sources, settings: baseSettingsOf(settings) },
    { answerMs: 600_000, ...limits },
  );
  t.after(() => thread.close());
  return thread;
}

function waitingOf(alerts: number, mostInFull = 9): QueuedDelivery {
  const named = Array.from({ length: alerts }, (_, n) => sampleAlert({ alertname: "磁盘满", node: `n${n}` }));
  const body = JSON.stringify(deliveryOf(sampleGroup(named)).routed);
  return {
    mostInFull,
    bot: "ops",
    late: false,
    urgent: false,
    groups: [[{ acceptedAt: at - 1_000, repeat: false, body }]],
  };
}

describe("the delivery thread", () => {
  for (const [name, waiting] of [
    ["a group", waitingOf(40)],
    ["a digest", waitingOf(40, 0)],
    ["a digest that goes into a file", waitingOf(2_000, 1)],
  ] as const) {
    it(`says of ${name} what this process would say`, async (t) => {
      const thread = threadWith(t, builtIn("zh"));

      const told = await thread.render(waiting, at);

      const own = draftsOf(waiting, builtIn("zh"), settingsAt(at, settings));
      assert.deepEqual(structuredClone(own), told);
    });
  }

  it("tells without templates what a template does not end with, and goes on with the next", async (t) => {
    const loops = Array(8).fill("{{#each @root.alerts}}").join("");
    const endless = ownTemplates({ "default.markdown.hbs": `${loops}x${Array(8).fill("{{/each}}").join("")}` });
    const thread = threadWith(t, endless, { answerMs: 1_000 });

    const [first, second] = await Promise.all([thread.render(waitingOf(40), at), thread.render(waitingOf(1), at)]);

    assert.match(first.drafts[0]?.body ?? "", /磁盘满/);
    assert.equal(first.alerts, 40);
    assert.deepEqual(
      [...new Set(first.templateFailures.map(({ message }) => message))],
      ["it took longer than 1000 ms"],
    );
    assert.deepEqual(JSON.parse(second.drafts[0]?.body ?? "").markdown, { content: "x" });
  });

  it("ends when nobody asks it, and is there again for who does", async (t) => {
    const thread = threadWith(t, builtIn("zh"), { idleMs: 1 });
    const first = await thread.render(waitingOf(1), at);
    await eventually("the thread ended", () => !thread.isRunning);

    const second = await thread.render(waitingOf(1), at);

    assert.deepEqual(second, first);
  });

  it("abandons what is not in words when it closes", async (t) => {
    const thread = threadWith(t, builtIn("zh"));
    const delivery = thread.render(waitingOf(20), at);
    const next = thread.render(waitingOf(20), at);

    await thread.close();

    await assert.rejects(delivery, RenderAbandoned);
    await assert.rejects(next, RenderAbandoned);
    await assert.rejects(thread.render(waitingOf(1), at), RenderAbandoned);
  });
});
