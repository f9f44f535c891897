// The render thread renders as this process does, ends what takes too long, and stops at once.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { RenderThread, withOwnStates } from "../../../src/deliver/render-thread.ts";
import { type RenderRequest, renderRequest } from "../../../src/deliver/renderer.ts";
import { destinationId, parseRoutedGroup } from "../../../src/domain/notification.ts";
import type { Rendered } from "../../../src/render/message-draft.ts";
import { baseSettingsOf } from "../../../src/render/settings.ts";
import { buildTemplateSet, type TemplateSet } from "../../../src/render/template/template-set.ts";
import { createRotation } from "../../../src/route/on-call.ts";
import { ThreadClosed, type ThreadLimits } from "../../../src/threads/question-thread.ts";
import { messageText } from "../../../src/wecom/message.ts";
import { deliveredStates, listOfStates } from "../../support/delivered-states.ts";
import { eventually } from "../../support/stack.ts";
import {
  builtIn,
  deliveryOf,
  ownTemplates,
  sampleAlert,
  sampleGroup,
  settings,
  sourcesOf,
  templatesOf,
} from "../render/deliveries.ts";

const at = settings.now;

function threadWith(t: TestContext, templates: TemplateSet, limits: Partial<ThreadLimits> = {}): RenderThread {
  const thread = new RenderThread(
    { sources: templates.sources, rotations: templates.rotations, settings: baseSettingsOf(settings) },
    { answerMs: 600_000, ...limits },
  );
  t.after(() => thread.close());
  return thread;
}

function requestOf(alerts: number, mostInFull = 9): RenderRequest {
  const named = Array.from({ length: alerts }, (_, n) => sampleAlert({ alertname: "磁盘满", node: `n${n}` }));
  const body = JSON.stringify(deliveryOf(sampleGroup(named)).routed);
  return {
    bot: "ops",
    late: false,
    urgent: false,
    mostInFull,
    acknowledgements: [],
    groups: [[{ id: 1, acceptedAt: at - 1_000, body }]],
    delivered: new Map(),
    plannedAt: at,
    wallAt: at,
    recoveries: new Map(),
  };
}

describe("the render thread", () => {
  for (const [name, request] of [
    ["a group", requestOf(40)],
    ["a digest", requestOf(40, 0)],
    ["a digest that goes into a file", requestOf(2_000, 1)],
  ] as const) {
    it(`renders ${name} as this process does`, async (t) => {
      const thread = threadWith(t, builtIn);

      const rendered = await thread.render(request);

      const own = renderRequest(request, builtIn, baseSettingsOf(settings));
      assert.deepEqual(structuredClone(own), rendered);
    });
  }

  it("knows who is on call", async (t) => {
    const onCall = { people: ["张三"], timezone: "UTC", firstTurnAt: 0, turnMs: 86_400_000, overrides: [] };
    const sources = sourcesOf({ "default.markdown.hbs": '{{oncall "dba"}}' });
    const thread = threadWith(t, templatesOf(buildTemplateSet(sources, new Map([["dba", createRotation(onCall)]]))));

    const rendered = await thread.render(requestOf(1));

    assert.equal(firstContent(rendered), "张三");
  });

  it("renders without templates what a template does not end with, and goes on with the next", async (t) => {
    const loops = Array(8).fill("{{#each @root.alerts}}").join("");
    const endless = ownTemplates({ "default.markdown.hbs": `${loops}x${Array(8).fill("{{/each}}").join("")}` });
    const thread = threadWith(t, endless, { answerMs: 1_000 });

    const [first, second] = await Promise.all([thread.render(requestOf(40)), thread.render(requestOf(1))]);

    assert.match(firstContent(first), /磁盘满/);
    assert.equal(first.alerts, 40);
    assert.deepEqual(
      [...new Set(first.templateFailures.map(({ message }) => message))],
      ["it took longer than 1000 ms"],
    );
    assert.equal(firstContent(second), "x");
  });

  it("ends when it is idle, and starts again for the next delivery", async (t) => {
    const thread = threadWith(t, builtIn, { idleMs: 1 });
    const first = await thread.render(requestOf(1));
    await eventually("the thread ended", () => !thread.isRunning);

    const second = await thread.render(requestOf(1));

    assert.deepEqual(second, first);
  });

  it("rejects what is not rendered when it closes", async (t) => {
    const thread = threadWith(t, builtIn);
    const delivery = thread.render(requestOf(20));
    const next = thread.render(requestOf(20));

    await thread.close();

    await assert.rejects(delivery, ThreadClosed);
    await assert.rejects(next, ThreadClosed);
    await assert.rejects(thread.render(requestOf(1)), ThreadClosed);
  });
});

function firstContent({ parts }: Rendered): string {
  const [first] = parts;
  return first === undefined ? "" : (messageText(first.message) ?? "");
}

describe("what is copied for the thread", () => {
  it("has the states of the alerts to render, of all instances, and no others: what is rendered is the same", () => {
    const request = requestOf(40, 0);
    const { destination, group } = parseRoutedGroup(request.groups[0]?.[0]?.body ?? "");
    const own = [group.alerts[3], group.alerts[7]].flatMap((alert) => {
      const state = {
        destination: destinationId(destination),
        identity: alert?.identity ?? "",
        deliveredAt: at - 60_000,
      };
      return [group.externalURL, "http://other"].map((origin) => ({
        ...state,
        origin,
        status: "firing" as const,
        startsAt: alert?.startsAt ?? null,
      }));
    });
    const others = Array.from({ length: 1_000 }, (_, n) => ({ ...(own[0] ?? assert.fail()), identity: `other ${n}` }));
    const delivered = deliveredStates([...own, ...others]);

    const copied = withOwnStates({ ...request, delivered });

    const rendered = [copied, { ...request, delivered }, request].map((one) =>
      renderRequest(one, builtIn, baseSettingsOf(settings)),
    );
    assert.deepEqual(listOfStates(copied.delivered), own);
    assert.deepEqual(rendered[0], rendered[1]);
    assert.notDeepEqual(rendered[1], rendered[2]);
  });
});
