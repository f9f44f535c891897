import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert } from "../../../src/domain/alert.ts";
import type { DigestDelivery, GroupDelivery } from "../../../src/domain/notification.ts";
import { renderDelivery } from "../../../src/render/render.ts";
import type { RenderSettings } from "../../../src/render/settings.ts";
import { messageText, type WecomMessage } from "../../../src/wecom/message.ts";
import {
  builtIn,
  type DeliveryChoices,
  deliveryOf,
  now,
  ownTemplates,
  sampleAlert,
  sampleGroup,
  settings,
} from "./deliveries.ts";

function digestOf(groups: readonly GroupDelivery[], rest: Partial<DigestDelivery> = {}): DigestDelivery {
  return { kind: "digest", bot: "ops", late: false, urgent: false, groups, acceptedAt: now, ...rest };
}

function groupOf(alerts: readonly Alert[], choices: DeliveryChoices = {}): GroupDelivery {
  return deliveryOf(sampleGroup(alerts), choices);
}

function digest(
  groups: readonly GroupDelivery[],
  rest: Partial<DigestDelivery> = {},
  more: Partial<RenderSettings> = {},
) {
  return renderDelivery(digestOf(groups, rest), builtIn, { ...settings, ...more });
}

function bodyOf(groups: readonly GroupDelivery[], rest: Partial<DigestDelivery> = {}): string {
  const [part] = digest(groups, rest).parts;
  return part === undefined ? assert.fail() : messageText(part.message);
}

const disk = sampleAlert({ alertname: "DiskFull", severity: "warning", instance: "db-1", job: "node" });
const down = sampleAlert({ alertname: "NodeDown", severity: "critical", instance: "n-1", job: "node" });
const gone = sampleAlert(
  { alertname: "Slow", severity: "critical", host: "h" },
  { status: "resolved", fingerprint: "f" },
);

describe("a digest", () => {
  test("has totals, and the subjects of each name: firing before resolved, the worst first", () => {
    const recovered = groupOf([gone], { delivery: { recoveredWhileWaiting: [0] } });

    const body = bodyOf([groupOf([disk]), recovered, groupOf([down])]);

    assert.equal(
      body,
      `🔴📦 严重 1 条 **NodeDown** 等 3 种，🟡 警告 1 条，✅ 已恢复 1 条
告警汇总：3 组合并发送，最早 15:00 起，标签与注解见来源

🔴 **NodeDown**
n-1

🟡 **DiskFull**
db-1

✅ 已恢复 1 条
<font color="comment">Slow h（消息等待发送期间已恢复）</font>`,
    );
  });

  test("shows the subjects, which distinguish the alerts of a name", () => {
    const alerts = ["a", "b"].flatMap((instance) =>
      ["/", "/data"].map((mountpoint) =>
        sampleAlert({ alertname: "DiskFull", job: "node", instance, mountpoint, device: `${instance}-${mountpoint}` }),
      ),
    );

    const body = bodyOf([groupOf(alerts)]);

    assert.ok(body.endsWith("\na /、a /data、b /、b /data"), body);
  });

  test("says after its first line how late it is", () => {
    const body = bodyOf([groupOf([disk])], { late: true, acceptedAt: now - 7 * 3_600_000 });

    assert.match(body, /^🟡📦⏰ .*\n<font color="warning">迟到 7 小时/);
  });

  test("counts what the sender left out", () => {
    const groups = [3, 4].map((truncatedAlerts) => deliveryOf(sampleGroup([disk], { truncatedAlerts })));

    assert.match(bodyOf(groups), /发送方另省略 7 条，它们可能仍在告警/);
  });

  test("adds the labels that distinguish alerts of one subject", () => {
    const alerts = ["1", "2"].map((shard) => sampleAlert({ alertname: "Slow", host: "h", shard }));

    assert.match(bodyOf([groupOf(alerts)]), /\nh shard=1、h shard=2$/);
  });

  const dialects: readonly (readonly [string, readonly DeliveryChoices["messages"][], string])[] = [
    ["a table when every group asks for one", [["markdown_v2"], ["text", "markdown_v2"]], "markdown_v2"],
    ["markdown when one does not", [["markdown_v2"], ["markdown"]], "markdown"],
    ["text when all that is asked for is text", [["text"], ["text", "image"]], "text"],
    ["markdown for cards", [["text_notice"], ["news"]], "markdown"],
  ];
  for (const [rule, kinds, msgtype] of dialects) {
    test(`is ${rule}`, () => {
      const groups = kinds.map((messages) => groupOf([disk], messages === undefined ? {} : { messages }));

      assert.equal(digest(groups).parts[0]?.message.msgtype, msgtype);
    });
  }

  test("is numbered, and every alert is in one of its parts", () => {
    const alerts = Array.from({ length: 600 }, (_, n) => sampleAlert({ alertname: "A", instance: `node-${n}.` }));

    const { parts, mode } = digest([groupOf(alerts)]);

    assert.equal(mode, "digest");
    assert.ok(parts.length > 1 && parts.length <= 3);
    const bodies = parts.map(({ message }) => messageText(message));
    for (const [index, body] of bodies.entries()) assert.ok(body.includes(`（${index + 1}/${parts.length}）`));
    for (const { labels } of alerts) assert.ok(bodies.join("\n").includes(`${labels.instance}`));
  });
});

describe("a digest that would take too many messages", () => {
  const alerts = Array.from({ length: 1000 }, (_, n) =>
    sampleAlert({ alertname: "A", instance: `node-${n}.`, severity: n === 999 ? "critical" : "info" }),
  );

  test("is one message with the most urgent, and a file with all", () => {
    const { parts, mode } = digest([groupOf(alerts)]);

    assert.equal(mode, "file");
    assert.deepEqual(
      parts.map(({ message }) => message.msgtype),
      ["markdown", "file"],
    );
    const [first, second] = parts;
    const body = first === undefined ? "" : messageText(first.message);
    assert.match(body, /以下只是最紧急的；全部 1000 条见随后的文件/);
    assert.match(body, /\n🔴 \*\*A\*\*\nnode-999\.\n/);
    assert.equal(second?.media?.name, "alerts-ops-2026-11-22-163000.csv");
    const file = Buffer.from(second?.media?.content ?? []).toString();
    for (const { labels } of alerts) assert.ok(file.includes(`${labels.instance}`));
  });

  test("does not call them the most urgent where a severity is not known", () => {
    const unknown = alerts.map((alert) => ({ ...alert, labels: { ...alert.labels, severity: "sev-x" } }));

    const body = messageText(digest([groupOf(unknown)]).parts[0]?.message as WecomMessage);

    assert.match(body, /以下只是一部分；全部 1000 条见随后的文件/);
  });

  test("has no more messages than allowed", () => {
    assert.equal(digest([groupOf(alerts.slice(0, 500))], {}, { digest: { maxMessages: 1 } }).mode, "file");
    assert.equal(digest([groupOf(alerts)], {}, { digest: { maxMessages: 20 } }).mode, "digest");
  });

  test("has the mode late when it is late", () => {
    assert.equal(digest([groupOf(alerts)], { late: true }).mode, "late");
  });
});

describe("a digest whose template fails", () => {
  const failing: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["has the plain layout", { "digest.markdown.hbs": '{{match "(" bot}}' }],
    ["that prints nothing has the plain layout", { "digest.markdown.hbs": "{{#if nothing}}x{{/if}}" }],
    ["that is not there has the plain layout", {}],
    ["that prints more than fits has the plain layout", { "digest.markdown.hbs": "x".repeat(5000) }],
  ];
  for (const [rule, files] of failing) {
    test(rule, () => {
      const alerts = Array.from({ length: 150 }, (_, n) => sampleAlert({ alertname: "A", instance: `node-${n}.` }));

      const rendered = renderDelivery(digestOf([groupOf(alerts)]), ownTemplates(files), settings);

      assert.equal(rendered.templateFailures.length, 1);
      const shown = rendered.parts
        .map(({ message, media }) => messageText(message) + Buffer.from(media?.content ?? []).toString())
        .join("\n");
      for (const { labels } of alerts) assert.ok(shown.includes(`${labels.instance}`));
    });
  }
});

describe("a digest mentions", () => {
  const owned = (owner: string, rest: Partial<Alert> = {}) => sampleAlert({ alertname: "A", owner }, rest);
  const mention = { users: ["{{labels.owner}}"] };

  test("the people of all its groups, in its own body where it can", () => {
    const groups = [owned("a"), owned("b"), owned("a")].map((alert) => groupOf([alert], { mention }));

    const { parts } = digest(groups);

    assert.equal(parts.length, 1);
    assert.deepEqual(bodyOf(groups).match(/<@\w+>/g), ["<@a>", "<@b>"]);
  });

  test("in one text message after a table, whatever the number of groups", () => {
    const groups = ["a", "b", "c"].map((owner) => groupOf([owned(owner)], { messages: ["markdown_v2"], mention }));

    const { parts } = digest(groups);

    assert.equal(parts.length, 2);
    assert.deepEqual(parts[1]?.message, {
      msgtype: "text",
      text: { content: "🔔📦 告警 3 条 A，请关注", mentioned_list: ["a", "b", "c"] },
    });
  });

  test("no one for a group that recovered or that is repeated", () => {
    const groups = [
      groupOf([owned("a", { status: "resolved" })], { messages: ["markdown_v2"], mention }),
      groupOf([owned("b")], { messages: ["markdown_v2"], mention, delivery: { news: ["unchanged"] } }),
    ];

    assert.equal(digest(groups).parts.length, 1);
  });
});

test("a digest of ten thousand alerts is rendered in a second", () => {
  const alerts = Array.from({ length: 10_000 }, (_, n) =>
    sampleAlert({ alertname: `Rule${n % 40}`, instance: `node-${n}`, job: "node", severity: "warning" }),
  );
  digest([groupOf(alerts.slice(0, 100))]);

  const startedAt = process.cpuUsage();
  const { mode } = digest([groupOf(alerts)]);
  const { user } = process.cpuUsage(startedAt);

  assert.equal(mode, "file");
  assert.ok(user < 2_000_000, `${user / 1000} ms of CPU`);
});
