// The name of a fixture says whether it is valid; its issues are in a file beside it, which REFRESH=1 writes.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkConfig } from "../../../src/config/check.ts";
import type { Config } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import type { Issue } from "../../../src/domain/issue.ts";
import { builtInSeverities } from "../../../src/domain/severity.ts";
import { type RouteNode, routesWithin } from "../../../src/route/tree.ts";
import { plainDisplay, plainLook } from "../../support/look.ts";
import { secretTraces, sources } from "./samples.ts";

const folder = new URL("../../fixtures/config/", import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

function textOf(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

function configOf(text: string): Config {
  const checked = checkConfig(text, sources);
  if (checked.kind === "invalid") throw new Error(format(checked.issues));
  return checked.config;
}

function format(issues: readonly Issue[]): string {
  return issues
    .map(({ code, path, line, column, message }) => `${line}:${column} ${path} ${code}: ${message}\n`)
    .join("");
}

/** The node without its functions. */
function plain(node: RouteNode): unknown {
  const matchers = node.matchers.map(({ name, op, value }) => `${name}${op}${value}`);
  return { ...node, matchers, routes: node.routes.map(plain) };
}

describe("checkConfig, on the fixtures", () => {
  for (const name of fixtures) {
    it(name, () => {
      const said = new URL(name.replace(/yaml$/, "issues.txt"), folder);

      const checked = checkConfig(textOf(name), sources);
      const issues = format(checked.kind === "config" ? checked.warnings : checked.issues);

      if (process.env.REFRESH === "1" && issues !== "") writeFileSync(said, issues);
      assert.equal(checked.kind, name.startsWith("good-") ? "config" : "invalid", issues);
      assert.equal(issues, existsSync(said) ? readFileSync(said, "utf8") : "");
      assert.doesNotMatch(issues, secretTraces);
    });
  }
});

describe("checkConfig", () => {
  it("fills everything but bots and route with defaults", () => {
    const { bots, route, ...rest } = configOf(textOf("good-minimal.yaml"));

    assert.deepEqual(rest, {
      timezone: "Asia/Shanghai",
      language: "zh",
      severities: builtInSeverities,
      externalURL: null,
      links: null,
      alertmanagers: new Map(),
      silence: {
        durationsMs: [3_600_000, 4 * 3_600_000, 86_400_000, 3 * 86_400_000],
        maxMs: 3 * 86_400_000,
        scopes: ["alert"],
        never: [],
      },
      storage: { engine: "sqlite", path: "data/outbox.db" },
      webhook: { maxBodyBytes: 10 * 1024 ** 2, dedupWindowMs: 120_000 },
      auth: { webhook: [], bots: new Map(), admin: [], viewer: [] },
      compat: { peers: [], allowInlineKeys: false },
      outbox: {
        retentionMs: 7 * 86_400_000,
        maxNotifications: 100_000,
        maxBytes: 1024 ** 3,
        maxDiskBytes: 4 * 1024 ** 3,
      },
      deliver: { maxAgeMs: 6 * 3_600_000 },
      digest: { maxMessages: 3, reserve: 4 },
      pictures: { allowPrivate: false, maxBytes: 1900 * 1024, timeoutMs: 5_000, file: null },
      datasources: new Map(),
      graphs: { enabled: true, timeoutMs: 5_000, maxDelayMs: 30_000, fontFile: null },
      voiceFile: null,
      people: new Map(),
      rotations: new Map(),
      shutdownDelayMs: 5_000,
      wecom: {
        baseURL: "https://qyapi.weixin.qq.com",
        timeoutMs: 5_000,
        proxyURL: null,
        proxyFromEnvironment: true,
        caFile: null,
      },
      templates: [],
    });
    assert.deepEqual([...bots.keys()], ["ops"]);
    assert.deepEqual(route, {
      path: "route",
      matchers: [],
      settings: {
        bots: ["ops"],
        messages: ["markdown"],
        template: "default",
        urgent: false,
        sendResolved: true,
        mention: { users: [], mobiles: [], all: false, on: ["firing"], repeats: false },
        group: "as_sent",
        waitMs: 30_000,
        ...plainLook,
      },
      drop: false,
      continue: false,
      routes: [],
    });
  });

  it("reads every key", () => {
    const { bots, route, wecom, severities, datasources, links, alertmanagers, silence, ...rest } = configOf(
      textOf("good-every-key.yaml"),
    );

    assert.deepEqual(rest, {
      timezone: "UTC",
      language: "en",
      externalURL: "https://alerts.example.cn/wecom",
      storage: { engine: "sqlite", path: "/var/lib/alertmanager-wecom/outbox.db" },
      webhook: { maxBodyBytes: 512 * 1024, dedupWindowMs: 0 },
      auth: { webhook: [], bots: new Map(), admin: [], viewer: [] },
      compat: { peers: ["a2w", "timonwong"], allowInlineKeys: true },
      outbox: {
        retentionMs: 36 * 3_600_000,
        maxNotifications: 5,
        maxBytes: 2 * 1024 ** 3,
        maxDiskBytes: 4 * 1024 ** 3,
      },
      deliver: { maxAgeMs: 90 * 60_000 },
      digest: { maxMessages: 5, reserve: 0 },
      pictures: { allowPrivate: true, maxBytes: 100 * 1024, timeoutMs: 1_000, file: "duty.png" },
      graphs: { enabled: false, timeoutMs: 2_000, maxDelayMs: 60_000, fontFile: "font.ttf" },
      voiceFile: "voice.amr",
      people: new Map([
        ["张三", { userid: "zhangsan", mobile: null }],
        ["Li Si", { userid: "lisi", mobile: "13800000000" }],
      ]),
      rotations: new Map([
        [
          "值班",
          {
            people: ["张三", "Li Si", "wangwu"],
            timezone: "Asia/Shanghai",
            firstTurnAt: Date.UTC(2026, 10, 1, 20, 30),
            turnMs: 12 * 3_600_000,
            overrides: [
              {
                who: "张三",
                isOverride: true,
                startsAt: Date.parse("2026-12-24T09:00+08:00"),
                endsAt: Date.parse("2026-12-24T12:00+08:00"),
              },
              {
                who: "Li Si",
                isOverride: true,
                startsAt: Date.parse("2026-12-24T12:00+08:00"),
                endsAt: Date.parse("2026-12-25T09:00+08:00"),
              },
            ],
          },
        ],
        [
          "dba",
          {
            people: ["lisi"],
            timezone: "UTC",
            firstTurnAt: Date.UTC(2026, 10, 2, 9),
            turnMs: 7 * 86_400_000,
            overrides: [],
          },
        ],
      ]),
      shutdownDelayMs: 500,
      templates: ["templates/*", "/etc/wecom/*.hbs"],
    });
    assert.deepEqual(
      [wecom.baseURL, wecom.timeoutMs, wecom.caFile],
      ["http://wecom.example.cn:8080", 10_000, "ca.pem"],
    );
    assert.deepEqual(
      [...datasources.values()].map(({ credential, ...one }) => [one, credential?.kind]),
      [
        [
          {
            name: "prod",
            generatorURLs: ["http://prometheus-0:9090", "https://prom.example.cn/prod"],
            url: "http://prometheus:9090/prom",
            headers: new Map([["X-Scope-OrgID", "team-a"]]),
            ca: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
            expressions: "any",
          },
          "bearer",
        ],
        [
          {
            name: "测试",
            generatorURLs: ["http://test:9090"],
            url: "http://test:9090",
            headers: new Map(),
            ca: null,
            expressions: "rules",
          },
          "basic",
        ],
      ],
    );
    assert.deepEqual([links?.validMs, silence.maxMs, alertmanagers.size], [12 * 3_600_000, 86_400_000, 2]);
    assert.equal(wecom.proxyURL?.id, new Secret("http://user:a-password@proxy:3128").id);
    assert.deepEqual([...bots.keys()], ["ops", "dba", "运维.值班"]);
    assert.deepEqual(route.settings, {
      bots: ["ops", "dba"],
      messages: ["text_notice", "image", "voice"],
      template: "own-1",
      urgent: true,
      sendResolved: false,
      mention: {
        users: ["{{labels.owner}}", "lisi"],
        mobiles: ["+8613800000000"],
        all: true,
        on: ["firing", "resolved"],
        repeats: true,
      },
      group: "merge",
      waitMs: 60_000,
      language: "en",
      timezone: "UTC",
      display: {
        titlePrefix: "[prod]",
        marks: "none",
        severityWords: "raw",
        labels: { subject: ["pod", "disk"], show: ["az", "job"], fold: ["az", "pod"], folded: "names" },
        silence: "all_labels",
      },
      graph: false,
    });
    const critical = { rank: 4, mark: "❗", word: { zh: "严重", en: "严重" } };
    const blocker = { rank: 5, mark: "🚨", word: null };
    const own = { critical, p0: critical, 一级: critical, blocker, 阻断: blocker };
    assert.deepEqual(severities, new Map([...builtInSeverities, ...Object.entries(own)]));
    assert.deepEqual(
      [...bots.values()].map(({ keys, fallback }) => [keys.length, fallback]),
      [
        [1, "dba"],
        [2, null],
        [1, null],
      ],
    );
  });

  it("lets a route inherit each setting it does not give, the parts of mention and display too, but not drop", () => {
    const { route } = configOf(textOf("good-every-key.yaml"));

    const settings = {
      bots: ["运维.值班"],
      messages: ["markdown"],
      template: "other",
      urgent: false,
      sendResolved: true,
      mention: { users: [], mobiles: ["+8613800000000"], all: false, on: ["firing", "resolved"], repeats: true },
      group: "per_alert",
      waitMs: 60_000,
      language: "zh",
      timezone: "Europe/Berlin",
      display: {
        titlePrefix: "[prod]",
        marks: "emoji",
        severityWords: "raw",
        labels: { subject: ["pod", "disk"], show: ["az", "job"], fold: [], folded: "names" },
        silence: "all_labels",
      },
      graph: false,
    };
    assert.deepEqual(route.routes.map(plain), [
      {
        path: "route.routes[0]",
        matchers: ["team=db"],
        settings,
        drop: false,
        continue: true,
        routes: [
          {
            path: "route.routes[0].routes[0]",
            matchers: ["severity=~crit.*", "env!=dev", "区域=上海"],
            settings,
            drop: true,
            continue: false,
            routes: [],
          },
        ],
      },
    ]);
  });

  it("has graphs wherever no route says otherwise, once there is a datasource and they are enabled", () => {
    const graphsOf = (file: string, root = "") => {
      const routes =
        "routes: [{ matchers: [a=1], graph: false, routes: [{ matchers: [b=2], graph: true }] }, { matchers: [c=3] }]";
      const { route } = configOf(`{ ${file} bots: { ops: { key: k } }, route: { bot: ops, ${root} ${routes} } }`);
      return routesWithin(route).map(({ settings }) => settings.graph);
    };
    const datasources = 'datasources: { prod: { generator_urls: ["http://p"], url: "http://p" } },';

    assert.deepEqual(graphsOf(datasources), [true, false, true, true]);
    assert.deepEqual(graphsOf(datasources, "graph: false,"), [false, false, true, false]);
    assert.deepEqual(graphsOf(`${datasources} graphs: { enabled: false },`), [false, false, false, false]);
  });

  it("takes language, time zone and display of the root route before those of the file", () => {
    const { language, route } = configOf(`
      timezone: UTC
      display: { marks: none, labels: { show: [job], fold: [az] } }
      bots: { ops: { key_env: OPS_KEY } }
      route:
        bot: ops
        language: en
        display: { title_prefix: "[x]", labels: { fold: [] } }
        routes: [{ matchers: [a=b] }]`);

    const labels = { ...plainDisplay.labels, show: ["job"] };
    const display = { ...plainDisplay, titlePrefix: "[x]", marks: "none", labels };
    assert.equal(language, "zh");
    for (const { settings } of routesWithin(route)) {
      assert.deepEqual([settings.language, settings.timezone, settings.display], ["en", "UTC", display]);
    }
  });

  it("gives one display to routes whose lists of labels differ in nothing but order", () => {
    const { route } = configOf(`
      bots: { ops: { key_env: OPS_KEY } }
      route:
        bot: ops
        display: { labels: { show: [a, b], fold: [c, d] } }
        routes: [{ display: { labels: { show: [b, a, b], fold: [d, c] } } }]`);

    assert.deepEqual(route.routes[0]?.settings.display, route.settings.display);
  });

  it("takes a key bare, as wecombot://, as the whole URL, from a variable and from a file", () => {
    const { bots } = configOf(textOf("good-key-forms.yaml"));

    const last = ["000000000001", "000000000002", "000000000003", "00000000000b", "00000000000c"];
    assert.deepEqual(
      [...bots.values()].map((bot) => bot.keys.map((key) => key.id)),
      last.map((digits) => [new Secret(`11111111-aaaa-4bbb-8ccc-${digits}`).id]),
    );
  });

  it("does not expand dollars", () => {
    const { route } = configOf(`
      bots: { ops: { key_env: OPS_KEY } }
      route: { bot: ops, mention: { users: [$OPS_KEY, $$] } }`);

    assert.deepEqual(route.settings.mention.users, ["$OPS_KEY", "$$"]);
  });

  it("never repeats a key, wherever it is pasted", () => {
    const key = "33333333-aaaa-4bbb-8ccc-000000000009";
    const forms = [key, `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`, `wecombot://${key}`, `"${key}`];
    const whole = textOf("good-every-key.yaml");
    const around = fc.constantFrom("", " ", "\n", '"');

    fc.assert(
      fc.property(fc.nat(whole.length), fc.constantFrom(...forms), around, around, (place, form, before, after) => {
        const text = `${whole.slice(0, place)}${before}${form}${after}${whole.slice(place)}`;

        const checked = checkConfig(text, sources);

        assert.ok(
          !JSON.stringify(checked).includes(key) || onlyWhereTextBelongs(checked, key),
          JSON.stringify(checked),
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** A config may hold any text as a path, a glob or a user to mention; an issue may not. */
function onlyWhereTextBelongs(checked: ReturnType<typeof checkConfig>, key: string): boolean {
  return checked.kind === "config" && !JSON.stringify(checked.warnings).includes(key);
}
