import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { overviewOf } from "../../../src/console/overview-sentence.ts";
import {
  type BotStatus,
  type Overview,
  overviewCodes,
  type ServiceFacts,
  type StorageFailureStatus,
} from "../../../src/console/status.ts";

const wallAt = Date.UTC(2026, 10, 30, 6, 0, 0);

const idle: BotStatus = {
  bot: "ops",
  state: "idle",
  notifications: 0,
  oldestMs: null,
  dead: 0,
  keys: 1,
  workingKeys: 1,
  untriedKeys: 0,
  windowSlots: 20,
  freeSlots: 20,
  sentMsAgo: 60_000,
  readyInMs: 0,
  reasons: [],
};
const queued = { notifications: 3, oldestMs: 20_000 };

const healthy: ServiceFacts = {
  version: "1",
  demo: false,
  ready: true,
  uptimeMs: 9_000,
  storage: { engine: "sqlite", answers: true, failures: [] },
  config: { hash: "0", loadedMsAgo: 9_000, refusedIssues: 0, replicas: [] },
  onCall: [],
  bots: [idle],
};

type Facts = Partial<typeof healthy>;

const fails = (failure: Partial<StorageFailureStatus>, engine: "sqlite" | "postgres" = "sqlite"): Facts => ({
  storage: {
    engine,
    answers: engine === "sqlite",
    failures: [{ part: "webhooks", bot: null, reason: "diskFull", sinceMsAgo: 85_000, lastMsAgo: 85_000, ...failure }],
  },
});
const ops = (status: Partial<BotStatus>): Facts => ({ bots: [{ ...idle, ...status }] });

/** What is so, the level, and the sentence in both languages. */
const cases: readonly (readonly [what: string, Facts, Overview["level"], zh: string, en: string])[] = [
  ["nothing is queued", {}, "ok", "正常接收 webhook，没有积压。", "Webhooks are accepted, and nothing is queued."],
  [
    "nothing was ever sent",
    ops({ sentMsAgo: null, workingKeys: 0, untriedKeys: 1 }),
    "ok",
    "正常接收 webhook；还没有发过消息，key 未验证。",
    "Webhooks are accepted. No message has been sent yet, so the keys are not verified.",
  ],
  [
    "a queue is being sent",
    ops({ ...queued, state: "delivering" }),
    "ok",
    "正常接收 webhook，正在发送 3 条通知。",
    "Webhooks are accepted, and 3 notifications are being sent.",
  ],
  [
    "the disk is full",
    fails({}),
    "bad",
    "存不下来（磁盘已满），webhook 回 503，自 13:58:35 起。",
    "Webhooks are answered with 503 since 13:58:35: the disk is full.",
  ],
  [
    "the disk has been full for a day, and the last webhook came a minute ago",
    fails({ sinceMsAgo: 86_400_000, lastMsAgo: 60_000 }),
    "bad",
    "存不下来（磁盘已满），webhook 回 503，自 2026-11-29 14:00:00 起（最近一次 13:59:00）。",
    "Webhooks are answered with 503 since 2026-11-29 14:00:00 (last at 13:59:00): the disk is full.",
  ],
  [
    "PostgreSQL is away",
    fails({ part: "database", reason: "unreachable" }, "postgres"),
    "bad",
    "存不下来（连不上数据库），webhook 回 503，自 13:58:35 起。",
    "Webhooks are answered with 503 since 13:58:35: the database cannot be reached.",
  ],
  [
    "only results cannot be recorded",
    fails({ part: "deliveries", reason: "notWritable" }),
    "bad",
    "发送结果存不下来（写不进去，磁盘只读或出错），暂停发送，自 13:58:35 起。",
    "Nothing is sent since 13:58:35, because results cannot be recorded: the disk is read-only or fails.",
  ],
  [
    "the backlog of a bot is full",
    fails({ part: "backlog", bot: "ops", reason: "backlogFull" }),
    "bad",
    "ops 的积压已满，发给它的 webhook 回 503，自 13:58:35 起。",
    "Webhooks for ops are answered with 503 since 13:58:35: the backlog is full.",
  ],
  [
    "the storage does not respond",
    { storage: { engine: "sqlite", answers: false, failures: [] } },
    "bad",
    "存储（sqlite）没有应答：webhook 可能回 503，待发的通知数未知。",
    "The storage (sqlite) does not respond: webhooks may get 503, and what is queued is unknown.",
  ],
  [
    "WeCom rejects the key",
    ops({ ...queued, notifications: 1, state: "allKeysRejected", workingKeys: 0, reasons: ["keyInvalid"] }),
    "bad",
    "ops 的 key 失效（key 无效，或机器人已被移出群），1 条通知在等。",
    "WeCom rejects the key of ops (invalid key, or robot removed from the group); 1 notification waits.",
  ],
  [
    "a message is dead",
    ops({ dead: 1 }),
    "bad",
    "1 条消息被企业微信拒收，没有送达（ops）。",
    "WeCom rejected 1 message, which the group did not get (ops).",
  ],
  [
    "alerts wait for a bot that is not configured",
    { bots: [idle, { ...idle, ...queued, bot: "gone", state: "unconfigured", sentMsAgo: null }] },
    "bad",
    "配置里没有 gone，3 条通知在排队。",
    "gone is not configured; 3 notifications wait.",
  ],
  [
    "requests fail",
    ops({ ...queued, state: "retrying", reasons: ["connectionError"] }),
    "warn",
    "连不上企业微信，ops 有 3 条通知等待重试，最久 20 秒。",
    "Requests for ops fail (cannot connect to WeCom) and are retried; 3 notifications wait, the oldest for 20 s.",
  ],
  [
    "requests have failed for minutes",
    ops({ ...queued, oldestMs: 480_000, state: "retrying", reasons: ["connectionError"] }),
    "bad",
    "连不上企业微信，ops 有 3 条通知等待重试，最久 8 分钟。",
    "Requests for ops fail (cannot connect to WeCom) and are retried; 3 notifications wait, the oldest for 8 min.",
  ],
  [
    "a bot gets more than it may send",
    ops({ notifications: 70, oldestMs: 480_000, state: "waiting", freeSlots: 0 }),
    "warn",
    "ops 积压 70 条通知，最久已等 8 分钟。",
    "ops: 70 notifications wait, the oldest for 8 min.",
  ],
  [
    "one of two keys is rejected",
    ops({ keys: 2, state: "someKeysRejected", reasons: ["keyDisabled"] }),
    "warn",
    "ops 的部分 key 失效（机器人被停用，或不在群里），其余 key 仍在发送。",
    "WeCom rejects some keys of ops (robot disabled, or not in the group); the others are used.",
  ],
  [
    "a reload was refused",
    { config: { ...healthy.config, refusedIssues: 2 } },
    "bad",
    "新配置有 2 处问题，没有生效，仍在使用旧配置。",
    "The new config has 2 issues and is not used; the old config stays in use.",
  ],
  [
    "replicas run different configs",
    {
      config: {
        ...healthy.config,
        replicas: [
          { name: "a", configHash: "0" },
          { name: "b", configHash: "1" },
        ],
      },
    },
    "warn",
    "2 个副本的配置或模板不一致。",
    "The 2 replicas run different configs or templates.",
  ],
  [
    "the service stops",
    { ready: false },
    "warn",
    "正在停止，暂时仍接收 webhook。",
    "The service is stopping and still accepts webhooks.",
  ],
];

const reader = { timezone: "Asia/Shanghai", wallAt } as const;

describe("the sentence of the overview", () => {
  for (const [what, facts, level, zh, en] of cases) {
    it(`when ${what}`, () => {
      const [inChinese, inEnglish] = (["zh", "en"] as const).map((language) =>
        overviewOf({ ...healthy, ...facts }, { ...reader, language }),
      );

      assert.deepEqual([inChinese?.sentence, inEnglish?.sentence], [zh, en]);
      assert.deepEqual([inChinese?.level, inEnglish?.level], [level, level]);
    });
  }

  it("is about the worst problem, and the others follow", () => {
    const facts = { ...fails({}), ...ops({ dead: 2, state: "retrying", ...queued }), ready: false };

    const { level, sentence, problems } = overviewOf({ ...healthy, ...facts }, { ...reader, language: "en" });

    assert.equal(level, "bad");
    assert.equal(sentence, problems[0]?.text);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["webhooksRejected", "dead", "retrying", "stopping"],
    );
  });

  it("names few of many bots, and says when it is about all", () => {
    const bots = ["a", "b", "c", "d", "e"].map((bot) => ({ ...idle, bot, dead: 1 }));
    const sentence = (dead: readonly BotStatus[], language: "zh" | "en") =>
      overviewOf({ ...healthy, bots: dead }, { ...reader, language }).sentence;

    assert.match(sentence([...bots.slice(1), idle], "en"), /4 messages.*\(b, c, d and 1 more\)/u);
    assert.match(sentence([...bots.slice(1), idle], "zh"), /b、c、d 等 4 个群/u);
    assert.match(sentence(bots, "en"), /\(all 5 bots\)/u);
  });

  it("exists for every code", () => {
    const found = cases.flatMap(([, facts]) =>
      overviewOf({ ...healthy, ...facts }, { ...reader, language: "zh" }).problems.map(({ code }) => code),
    );

    assert.deepEqual([...new Set(found)].sort(), [...overviewCodes].sort());
  });
});
