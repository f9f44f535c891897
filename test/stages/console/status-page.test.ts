import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type BotStatus, botStates, type ServiceStatus } from "../../../src/console/status.ts";
import { statusPage, statusPolicy } from "../../../src/console/status-page.ts";
import { statusStrings } from "../../../src/console/status-strings.ts";

const ops: BotStatus = {
  bot: "ops",
  state: "waiting",
  notifications: 3,
  oldestMs: 5_000,
  dead: 0,
  keys: 2,
  workingKeys: 1,
  untriedKeys: 0,
  windowSlots: 40,
  freeSlots: 0,
  sentMsAgo: 1_000,
  readyInMs: 150_000,
  reasons: ["keyInvalid", "rateLimited"],
};

const status: ServiceStatus = {
  overview: { level: "ok", sentence: "all is well", problems: [] },
  version: "1.2.3",
  demo: false,
  ready: true,
  uptimeMs: 7_500_000,
  storage: { engine: "sqlite", answers: true, failures: [] },
  config: { hash: "0123456789abcdef", loadedMsAgo: 60_000, refusedIssues: 0, replicas: [] },
  bots: [ops],
};

const languages = ["zh", "en"] as const;

describe("the status page", () => {
  it("shows what is queued for a bot, since when, why, and when the next message is sent", () => {
    const page = statusPage(status, "en");

    for (const text of [
      "ops",
      ">3<",
      "5 s",
      "1 / 2",
      "(keyInvalid)",
      "rate limited (rateLimited)",
      "next message in 2 min",
    ])
      assert.ok(page.includes(text), text);
  });

  for (const language of languages) {
    it(`has a text for every state in ${language}`, () => {
      for (const state of botStates) {
        const page = statusPage({ ...status, bots: [{ ...ops, state }] }, language);

        assert.ok(page.includes(statusStrings[language].states[state]), state);
      }
    });

    it(`shows in ${language} that it is a demo, and which replica speaks`, () => {
      const strings = statusStrings[language];

      const page = statusPage({ ...status, demo: true, storage: { ...status.storage, engine: "postgres" } }, language);
      const plain = statusPage(status, language);

      for (const text of [strings.demo, strings.replica]) {
        assert.ok(page.includes(text), text);
        assert.ok(!plain.includes(text), text);
      }
    });
  }

  it("begins with what is wrong, else with the sentence that all is well", () => {
    const problems = [
      { code: "webhooksRejected", level: "bad", text: "the disk is full" },
      { code: "dead", level: "bad", text: "1 message" },
    ] as const;

    const page = statusPage({ ...status, overview: { level: "bad", sentence: "the disk is full", problems } }, "en");

    assert.match(page, /the disk is full[\s\S]*1 message[\s\S]*<dl>/u);
    assert.match(statusPage(status, "en"), /<p class="ok">all is well<\/p>[\s\S]*<dl>/u);
  });

  it("escapes a name", () => {
    const page = statusPage({ ...status, bots: [{ ...ops, bot: "<script>alert(1)</script>" }] }, "en");

    assert.ok(!page.includes("<script"));
    assert.ok(page.includes("&lt;script&gt;"));
  });

  it("has a policy that allows its own style and nothing else", () => {
    const style = /<style>([\s\S]*)<\/style>/u.exec(statusPage(status, "zh"))?.[1] ?? "";

    const hash = createHash("sha256").update(style).digest("base64");
    assert.ok(statusPolicy.startsWith(`default-src 'none'; style-src 'sha256-${hash}';`), statusPolicy);
  });

  it("shows a span in the largest unit of which there are two", () => {
    const spans = [0, 1, 119_000, 120_000, 7_199_000, 7_200_000, 172_799_000, 172_800_000].map(statusStrings.en.span);

    assert.deepEqual(spans, ["0 s", "1 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
  });
});
