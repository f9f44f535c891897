import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AnnouncedAction, announcementOf, noticeOf } from "../../../src/actions/announcement.ts";
import type { Alert } from "../../../src/domain/alert.ts";
import { isAnnouncement } from "../../../src/domain/notification.ts";
import { supersede } from "../../../src/plan/supersede.ts";
import { renderDelivery } from "../../../src/render/render.ts";
import { identify } from "../../../src/route/identity.ts";
import { messageText } from "../../../src/wecom/message.ts";
import { alertOf, noon, routedGroup } from "../../support/waiting.ts";
import { builtIn, settings } from "../render/deliveries.ts";

const queue = alertOf({ labels: { alertname: "队列积压", queue: "orders" } });
const disk = alertOf({ labels: { alertname: "DiskFull", instance: "db-1" } });
const acknowledged: AnnouncedAction = { kind: "acknowledged", by: "张三（自称）" };
const silenced = {
  kind: "silenced",
  by: "张三",
  until: noon + 4 * 3_600_000,
  untilRecovered: false,
  scope: "alert",
  covered: 2,
  except: [],
} as const;

function actedOn(alerts: readonly Alert[], language: "zh" | "en" = "zh") {
  const routed = routedGroup(alerts);
  return { alerts, routed: { ...routed, destination: { ...routed.destination, language, timezone: "Asia/Shanghai" } } };
}

describe("what an announcement says", () => {
  const rows: readonly (readonly [AnnouncedAction, readonly Alert[], zh: string, en: string])[] = [
    [acknowledged, [queue], "张三（自称） 在处理 队列积压 · orders", "张三（自称） is on 队列积压 · orders"],
    [
      acknowledged,
      [queue, disk],
      "张三（自称） 在处理 队列积压 · orders 等 2 条",
      "张三（自称） is on 队列积压 · orders and 1 more",
    ],
    [silenced, [queue], "张三 已静默 队列积压 · orders 至 16:00", "张三 silenced 队列积压 · orders until 16:00"],
    [
      { ...silenced, untilRecovered: true },
      [queue],
      "张三 已静默 队列积压 · orders，恢复后解除，最迟 16:00",
      "张三 silenced 队列积压 · orders until it recovers, at most until 16:00",
    ],
    [
      { ...silenced, scope: "instance" },
      [disk],
      "张三 已静默 实例 db-1 的所有告警（现有 2 条） 至 16:00",
      "张三 silenced every alert of instance db-1 (2 now) until 16:00",
    ],
    [
      { ...silenced, scope: "instance", except: [{ name: "alertname", op: "=", value: "Watchdog" }] },
      [disk],
      '张三 已静默 实例 db-1 的所有告警（现有 2 条，不含 alertname="Watchdog"） 至 16:00',
      '张三 silenced every alert of instance db-1 (2 now, except alertname="Watchdog") until 16:00',
    ],
    [
      { ...silenced, scope: "rule", covered: null },
      [disk],
      "张三 已静默 规则 DiskFull 的所有告警 至 16:00",
      "张三 silenced every alert of rule DiskFull until 16:00",
    ],
  ];
  for (const [action, alerts, zh, en] of rows) {
    it(zh, () => {
      assert.equal(noticeOf(actedOn(alerts), action, noon), zh);
      assert.equal(noticeOf(actedOn(alerts, "en"), action, noon), en);
    });
  }
});

describe("the notification of an announcement", () => {
  const announce = (key: string, alerts: readonly Alert[] = [queue]) =>
    announcementOf({ ...actedOn(alerts), notice: "a notice", key });

  it("goes to the destination of its alerts, is not urgent, and has no alerts", () => {
    const { routed } = announce("1");

    assert.ok(isAnnouncement(routed));
    assert.deepEqual(routed.destination, { ...actedOn([queue]).routed.destination, urgent: false });
    assert.deepEqual({ ...routed.group.groupLabels }, queue.labels);
  });

  it("is the same once more with the same key, and no part of the group of its alerts", () => {
    const [first, again, other] = [announce("1"), announce("1"), announce("2")];

    assert.equal(first.dedupKey, again.dedupKey);
    assert.notEqual(first.dedupKey, null);
    assert.notEqual(first.dedupKey, other.dedupKey);
    assert.equal(new Set([first.groupId, other.groupId, identify(actedOn([queue]).routed).groupId]).size, 3);
  });

  it("for any texts: one message that WeCom takes, in which nothing is a mention or a link", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 4_000 }),
      fc.constantFrom("<@all>", "[a](http://b)", '<font color="info">', "# x", "```", "@所有人", "\n> x\n", "\0"),
    );
    fc.assert(
      fc.property(hostile, hostile, fc.constantFrom("markdown", "markdown_v2", "text"), (by, name, kind) => {
        const alerts = [alertOf({ labels: { alertname: name, instance: name.repeat(3) } })];
        const { routed } = actedOn(alerts);
        const acted = { alerts, routed: { ...routed, destination: { ...routed.destination, messages: [kind] } } };
        const notice = noticeOf(acted, { kind: "acknowledged", by }, noon);
        const body = JSON.stringify(announcementOf({ ...acted, notice, key: "1" }).routed);
        const context = { delivered: new Map(), acknowledgements: [], late: false };
        const delivery = supersede([{ id: 1, acceptedAt: noon, body }], context);

        const { parts, mentioned } = renderDelivery(delivery, builtIn, settings);

        const [text = ""] = parts.map(({ message }) => messageText(message));
        assert.equal(parts.length, 1);
        assert.ok(text !== "" && Buffer.byteLength(text) <= 2_048);
        // A text message has no links and no colours.
        assert.doesNotMatch(text, kind === "text" ? /<@|\n/ : /<@|\]\(|<font|\n/);
        assert.deepEqual(mentioned, []);
      }),
    );
  });
});
