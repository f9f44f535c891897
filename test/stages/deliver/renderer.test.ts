import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcementOf } from "../../../src/actions/announcement.ts";
import {
  createRenderer,
  digestOf,
  longTextLength,
  mergeGroups,
  type RenderedRequest,
  type RenderRequest,
  renderRequest,
  smallLength,
} from "../../../src/deliver/renderer.ts";
import type { Alert } from "../../../src/domain/alert.ts";
import type { Rendered } from "../../../src/render/message-draft.ts";
import { baseSettingsOf } from "../../../src/render/settings.ts";
import { ThreadClosed } from "../../../src/threads/question-thread.ts";
import { messageText } from "../../../src/wecom/message.ts";
import { builtIn, deliveryOf, sampleAlert, sampleGroup, settings } from "../render/deliveries.ts";

const at = settings.now;
const base = baseSettingsOf(settings);
const ofThread: RenderedRequest = {
  mode: "full",
  alerts: 0,
  parts: [],
  mentioned: [],
  unmentionable: [],
  shortenedValues: 0,
  templateFailures: [],
  states: "[]",
  suppressed: [],
  names: "",
};

/** A renderer whose thread records what it is asked. */
function recordingRenderer() {
  const asked: RenderRequest[] = [];
  const thread = {
    render: async (request: RenderRequest) => {
      asked.push(request);
      return ofThread;
    },
  };
  return { asked, render: createRenderer({ templates: builtIn, settings: base, thread }) };
}

function failingRenderer(cause: Error, language = base.language) {
  const thread = { render: () => Promise.reject(cause) };
  return createRenderer({ templates: builtIn, settings: { ...base, language }, thread });
}

function requestOf(bodies: readonly string[]): RenderRequest {
  const groups = bodies.map((body, n) => [{ id: n + 1, acceptedAt: at - 1_000, body }]);
  return {
    bot: "ops",
    late: false,
    urgent: false,
    mostInFull: 9,
    acknowledgements: [],
    groups,
    delivered: new Map(),
    plannedAt: at,
    wallAt: at,
    recoveries: new Map(),
  };
}

function firstContent({ parts }: Rendered): string {
  const [first] = parts;
  return first === undefined ? "" : (messageText(first.message) ?? "");
}

function bodyOf(alert: Alert): string {
  return JSON.stringify(deliveryOf(sampleGroup([alert])).routed);
}

const group = bodyOf(sampleAlert({ alertname: "磁盘满" }));
const large = group + " ".repeat(smallLength);

/** Of a bot that was sent a hundred thousand alerts. */
class ManyStates extends Map<string, never> {
  override [Symbol.iterator](): never {
    throw new Error("all states were read");
  }
  override entries = this[Symbol.iterator];
  override values = this[Symbol.iterator];
  override keys = this[Symbol.iterator];
  override forEach = this[Symbol.iterator];
}

describe("the renderer", () => {
  it("looks up what was delivered of its own alerts, and reads nothing else", () => {
    const request = { ...requestOf([group]), delivered: new ManyStates() };

    assert.equal(renderRequest(request, builtIn, base).alerts, 1);
  });

  it("renders a small delivery inline, as the thread does", async () => {
    const { asked, render } = recordingRenderer();

    const rendered = await render(requestOf([group]));

    assert.deepEqual(rendered, renderRequest(requestOf([group]), builtIn, base));
    assert.deepEqual(asked, []);
  });

  it("asks the thread for a large one, in one body or in many", async () => {
    const { asked, render } = recordingRenderer();
    const one = requestOf([large]);
    const many = requestOf(Array<string>(Math.ceil(smallLength / group.length) + 1).fill(group));

    const rendered = [await render(one), await render(many)];

    assert.deepEqual(rendered, [ofThread, ofThread]);
    assert.deepEqual(asked, [one, many]);
  });

  for (const [text, many] of [
    ["of line feeds", "\n<"],
    ["of quotes", '"'],
    ["of backslashes", "\\"],
  ] as const) {
    it(`asks the thread for a small one with a long text ${text}, and renders one with several short ones`, async () => {
      const { asked, render } = recordingRenderer();
      const whole = many.repeat(longTextLength / 2);
      const half = whole.slice(0, longTextLength / 4);
      const requests = [{ whole }, { half, other: half, third: half }].map((annotations) => {
        return requestOf([bodyOf(sampleAlert({ alertname: "磁盘满" }, { annotations }))]);
      });

      const rendered = await Promise.all(requests.map(render));

      assert.deepEqual(asked, [requests[0]]);
      assert.deepEqual(
        rendered.map(({ alerts }) => alerts),
        [0, 1],
      );
    });
  }

  it("hands the stored groups unchanged to the thread", async () => {
    const { asked, render } = recordingRenderer();
    const request = requestOf([large]);

    await render(request);

    assert.equal(asked[0]?.groups, request.groups);
  });

  it("counts the age of a group by the wall clock", () => {
    const setBy = 3_600_000;
    const request = { ...requestOf([group]), wallAt: at + setBy };

    const groups = mergeGroups(request);

    assert.deepEqual(
      [groups[0]?.acceptedAt, digestOf(request, groups).acceptedAt],
      [at - 1_000 + setBy, at - 1_000 + setBy],
    );
  });

  it("names the alerts, and of an announcement those that it is about", () => {
    const { routed } = deliveryOf(sampleGroup([sampleAlert({ alertname: "磁盘满" })]));
    const announced = announcementOf({ routed, alerts: routed.group.alerts, notice: "张三 在处理", key: "1" });

    const names = [routed, announced.routed].map(
      (one) => renderRequest(requestOf([JSON.stringify(one)]), builtIn, base).names,
    );

    assert.deepEqual(names, ["磁盘满", "磁盘满"]);
  });

  for (const [language, expected] of [
    ["zh", /^有告警无法显示\n3 条，共 0\.1 MB，.*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
    ["en", /^Alerts that cannot be shown\n3 alerts, 0\.1 MB .*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
  ] as const) {
    it(`summarises a single notification that cannot be rendered, in its destination's language ${language}`, async () => {
      const render = failingRenderer(new Error("out of memory"), language === "zh" ? "en" : "zh");
      const names = ["磁盘满", "<@all>", "磁盘满"];
      const alerts = names.map((alertname) => sampleAlert({ alertname }));
      const { routed } = deliveryOf(sampleGroup(alerts), { look: { language } });
      const body = JSON.stringify(routed) + " ".repeat(smallLength);

      const rendered = await render(requestOf([body]));

      assert.match(firstContent(rendered), expected);
      assert.equal(rendered.alerts, 3);
      assert.deepEqual(rendered.templateFailures, [{ template: "any", message: "out of memory" }]);
    });
  }

  it("summarises a stored text that cannot be read, without asking the thread", async () => {
    const { asked, render } = recordingRenderer();

    const rendered = await render(requestOf(["{"]));

    assert.match(firstContent(rendered), /^有告警无法显示\n共 0\.0 MB/u);
    assert.equal(rendered.alerts, 0);
    assert.deepEqual(asked, []);
  });

  it("rejects several that cannot be rendered together, inline or on the thread: fewer can be", async () => {
    const { render } = recordingRenderer();

    await assert.rejects(render(requestOf([group, "{"])), SyntaxError);
    await assert.rejects(failingRenderer(new Error("out of memory"))(requestOf([large, large])), /out of memory/u);
  });

  it("rejects when the service stops", async () => {
    const render = failingRenderer(new ThreadClosed("it stops"));

    await assert.rejects(render(requestOf([large])), ThreadClosed);
  });
});
