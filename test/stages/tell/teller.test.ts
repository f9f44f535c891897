import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RenderedTelling } from "../../../src/deliver/lane-options.ts";
import { TellingAbandoned } from "../../../src/deliver/telling-abandoned.ts";
import type { WaitingTelling } from "../../../src/domain/waiting-telling.ts";
import { settingsAt, standingSettings } from "../../../src/render/settings.ts";
import { draftsOf } from "../../../src/tell/drafts.ts";
import { createTeller, smallLength } from "../../../src/tell/teller.ts";
import { builtIn, sampleAlert, sampleGroup, settings, tellingOf } from "../render/tellings.ts";

const at = settings.now;
const templates = builtIn("zh");
const ofThread = { kind: "group", form: "full", alerts: 0, drafts: [], shortenedValues: 0, templateFailures: [] };

function telling() {
  const asked: WaitingTelling[] = [];
  const thread = {
    tell: async (waiting: WaitingTelling) => {
      asked.push(waiting);
      return ofThread as RenderedTelling;
    },
  };
  return { asked, tell: createTeller({ templates, settings: standingSettings(settings), thread }) };
}

function waitingOf(bodies: readonly string[]): WaitingTelling {
  const groups = bodies.map((body) => [{ acceptedAt: at - 1_000, repeat: false, body }]);
  return { mostInFull: 9, bot: "ops", late: false, urgent: false, groups };
}

const group = JSON.stringify(tellingOf(sampleGroup([sampleAlert({ alertname: "磁盘满" })])).routed);

describe("the teller", () => {
  it("says a small telling itself, as the thread would", async () => {
    const { asked, tell } = telling();

    const told = await tell(waitingOf([group]), at);

    assert.deepEqual(told, draftsOf(waitingOf([group]), templates, settingsAt(at, settings)));
    assert.deepEqual(asked, []);
  });

  it("leaves to the thread what is large, in one body or in many", async () => {
    const { asked, tell } = telling();
    const large = waitingOf([group + " ".repeat(smallLength)]);
    const many = waitingOf(Array<string>(Math.ceil(smallLength / group.length) + 1).fill(group));

    const told = [await tell(large, at), await tell(many, at)];

    assert.deepEqual(told, [ofThread, ofThread]);
    assert.deepEqual(asked, [large, many]);
  });

  for (const [language, said] of [
    ["zh", /^\*\*有告警无法展开\*\*\n3 条，共 0\.1 MB，.*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
    ["en", /^\*\*Alerts that can not be shown\*\*\n3 alerts, 0\.1 MB .*\n`磁盘满` × 2\n`＜@all>` × 1$/su],
  ] as const) {
    it(`says of what nobody can tell number and names, in ${language}`, async () => {
      const thread = { tell: () => Promise.reject(new Error("out of memory")) };
      const tell = createTeller({ templates, settings: { ...standingSettings(settings), language }, thread });
      const names = ["磁盘满", "<@all>", "磁盘满"];
      const alerts = names.map((alertname) => sampleAlert({ alertname }));
      const body = JSON.stringify(tellingOf(sampleGroup(alerts)).routed) + " ".repeat(smallLength);

      const { drafts, ...told } = await tell(waitingOf([body]), at);

      assert.match(JSON.parse(drafts[0]?.body ?? "").markdown.content, said);
      assert.equal(told.alerts, 3);
      assert.deepEqual(told.templateFailures, [{ template: "any", message: "out of memory" }]);
    });
  }

  it("says of what can not even be read that it is there", async () => {
    const thread = { tell: () => Promise.reject(new Error("no JSON")) };
    const tell = createTeller({ templates, settings: standingSettings(settings), thread });

    const told = await tell(waitingOf(["{"]), at);

    assert.match(told.drafts[0]?.body ?? "", /\*\*\\n共 0\.0 MB/u);
  });

  it("says nothing for several that can not be told together, nor when the service stops", async () => {
    const failing = (cause: Error) =>
      createTeller({ templates, settings: standingSettings(settings), thread: { tell: () => Promise.reject(cause) } });
    const large = group + " ".repeat(smallLength);

    await assert.rejects(failing(new Error("out of memory"))(waitingOf([large, large]), at), /out of memory/u);
    await assert.rejects(failing(new TellingAbandoned("it stops"))(waitingOf([large]), at), TellingAbandoned);
  });

  it("leaves to the thread what it could not say itself", async () => {
    const { asked, tell } = telling();
    const unreadable = waitingOf(["no JSON"]);

    const told = await tell(unreadable, at);

    assert.equal(told, ofThread);
    assert.deepEqual(asked, [unreadable]);
  });
});
