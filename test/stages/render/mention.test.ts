// What a delivery says about names that it cannot mention, in which of its messages, and what is reported of them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageKind } from "../../../src/domain/message-kind.ts";
import type { DigestDelivery, Mention, Person } from "../../../src/domain/notification.ts";
import type { Rendered } from "../../../src/render/message-draft.ts";
import { renderDelivery } from "../../../src/render/render.ts";
import { messageText } from "../../../src/wecom/message.ts";
import {
  builtIn,
  type DeliveryChoices,
  deliveryOf,
  markdownOf,
  ownTemplates,
  renderSample,
  sampleAlert,
  sampleGroup,
  settings,
} from "./deliveries.ts";

const people: ReadonlyMap<string, Person> = new Map([
  ["张三", { userid: "zhangsan", mobile: null }],
  ["李四", { userid: null, mobile: "13800000000" }],
  ["王五", { userid: "wangwu", mobile: null }],
]);
const noLinks = { silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
const owner = { users: ["{{labels.owner}}"], mobiles: ["{{labels.owner}}"] };

function renderOwned(label: string, choices: DeliveryChoices = {}): Rendered {
  const links = { generatorURL: "http://a.example/", ...noLinks };
  const alert = sampleAlert({ alertname: "A", owner: label }, { links });
  return renderSample(sampleGroup([alert]), { mention: owner, ...choices }, { people });
}

/** The userids and numbers that the messages mention, and the lines that say whom they do not. */
function mentionsOf({ parts }: Rendered) {
  const messages = parts.map(({ message }) => message);
  const contents = messages.map(messageText).join("\n");
  const texts = messages.flatMap((message) => (message.msgtype === "text" ? [message.text] : []));
  return {
    users: [
      ...Array.from(contents.matchAll(/<@([^>]*)>/g), ([, user]) => user),
      ...texts.flatMap((text) => text.mentioned_list ?? []),
    ],
    mobiles: texts.flatMap((text) => text.mentioned_mobile_list ?? []),
    said: Array.from(contents.matchAll(/(?:无法提醒|Could not mention).*/g), ([line]) => line),
  };
}

describe("an alert whose owner is written as", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
    ["张三、李四", ["zhangsan"], ["13800000000"], []],
    ["张三，李四", ["zhangsan"], ["13800000000"], []],
    ["zhangsan;lisi", ["zhangsan", "lisi"], [], []],
    ["@zhangsan @lisi", ["zhangsan", "lisi"], [], []],
    ["zhangsan|lisi", ["zhangsan", "lisi"], [], []],
    ["王五/13900139000", ["wangwu"], [], []],
    ["赵六/13900139000", [], ["13900139000"], []],
    ["张三(13900139000)", ["zhangsan"], [], []],
    ["+86 139-0013-9000", [], ["13900139000"], []],
    ["13900139000", [], ["13900139000"], []],
    ["1001,13900139000", ["1001"], ["13900139000"], []],
    ["赵六", [], [], ["无法提醒：赵六"]],
    ["张三、赵六、钱七/8012", ["zhangsan"], [], ["无法提醒：赵六、钱七/8012"]],
    ["zhangsan/lisi", [], [], ["无法提醒：zhangsan/lisi"]],
    ["@all", [], [], ["无法提醒：all"]],
    ["", [], [], []],
    ["-", [], [], []],
  ];
  for (const [label, users, mobiles, said] of cases) {
    test(JSON.stringify(label), () => assert.deepEqual(mentionsOf(renderOwned(label)), { users, mobiles, said }));
  }
});

describe("the names are said", () => {
  const saying = (messages: readonly MessageKind[], label: string) =>
    renderOwned(label, { messages }).parts.flatMap(({ message }) =>
      messageText(message).includes("无法提醒：赵六") ? [message.msgtype] : [],
    );

  test("by the message that mentions, once", () => {
    assert.deepEqual(saying(["markdown"], "张三、赵六"), ["markdown"]);
    assert.deepEqual(saying(["markdown"], "赵六"), ["markdown"]);
    assert.deepEqual(saying(["markdown"], "李四、赵六"), ["markdown"]);
    assert.deepEqual(saying(["markdown_v2", "text"], "张三、赵六"), ["text"]);
  });

  for (const kind of ["markdown_v2", "text_notice", "file"] as const) {
    test(`by the text that follows ${kind}, also when it mentions nobody`, () => {
      assert.deepEqual(saying([kind], "张三、赵六"), ["text"]);
      assert.deepEqual(renderOwned("赵六", { messages: [kind] }).parts.at(-1)?.message, {
        msgtype: "text",
        text: { content: "🔔 告警 A，请关注\n无法提醒：赵六" },
      });
    });
  }

  test("in the language of the messages", () => {
    const { said } = mentionsOf(renderOwned("赵六, 钱七", { look: { language: "en" } }));

    assert.deepEqual(said, ["Could not mention: 赵六, 钱七"]);
  });

  test("where an own template places them, and not again", () => {
    const templates = ownTemplates({ "default.markdown.hbs": "{{unmentioned}}\n{{name}}" });
    const alert = sampleAlert({ alertname: "A", owner: "赵六、<@all>、[x](http://evil.example)" });

    const rendered = renderDelivery(deliveryOf(sampleGroup([alert]), { mention: owner }), templates, settings);

    assert.deepEqual(markdownOf(rendered), ["无法提醒：赵六、＜@all>、［x］(http://evil.example)\nA"]);
  });

  test("as data: they make no mention, no link and no colour", () => {
    const label = '<@all>, [x](http://evil.example), <font color="info">, `**\u0007';
    for (const kind of ["markdown", "text", "file"] as const) {
      const { users, said } = mentionsOf(renderOwned(label, { messages: [kind] }));

      assert.deepEqual(users, []);
      assert.doesNotMatch(said.join(), /<@|\p{Cc}/u);
      if (kind === "markdown") assert.doesNotMatch(said.join(), /<font|\]\(|`|\*\*/);
    }
  });

  test("and of many the first ones and their number", () => {
    const names = Array.from({ length: 90 }, (_, n) => `赵六${10 + n}${"长".repeat(50)}`);

    const rendered = renderOwned(names.join("、"));

    const [said = ""] = mentionsOf(rendered).said;
    // 32 bytes at most.
    const shown = names.slice(0, 20).map((name) => `${name.slice(0, 11)}…`);
    assert.equal(said, `无法提醒：${shown.slice(0, 5).join("、")} 等 90 个`);
    assert.deepEqual(rendered.unmentionable, shown);
  });

  test("but not those of an alert that mentions nobody: it recovered, or it is repeated", () => {
    const recovered = sampleAlert({ alertname: "A", owner: "赵六" }, { status: "resolved" });
    const rendered = [
      renderSample(sampleGroup([recovered]), { mention: owner }),
      renderOwned("赵六", { delivery: { news: ["unchanged"] } }),
    ];

    for (const one of rendered) assert.deepEqual([mentionsOf(one).said, one.unmentionable], [[], []]);
  });
});

test("a name that one of the entries mentions is no name that cannot be mentioned", () => {
  assert.deepEqual(renderOwned("zhangsan、13900139000").unmentionable, []);
  assert.deepEqual(renderOwned("zhangsan", { mention: { mobiles: owner.mobiles } }).unmentionable, ["zhangsan"]);
});

test("digits alone are a userid where only userids are asked for", () => {
  const { users, mobiles } = mentionsOf(renderOwned("1001,13900139000", { mention: { users: owner.users } }));

  assert.deepEqual([users, mobiles], [["1001", "13900139000"], []]);
});

test("a number that was cut is nobody's userid", () => {
  const label = `张三 lisi 139 0013 ${"9".repeat(40_000)}`;
  const list = `张三,赵六 ${"x".repeat(40_000)}`;

  assert.deepEqual(mentionsOf(renderOwned(label)).users, ["zhangsan", "lisi"]);
  assert.deepEqual(mentionsOf(renderOwned(list)).users, ["zhangsan"]);
});

describe("a digest", () => {
  const digestOf = (labels: readonly string[], mention: Partial<Mention> = owner): Rendered => {
    const groups = labels.map((label) =>
      deliveryOf(sampleGroup([sampleAlert({ alertname: "A", owner: label })]), { mention }),
    );
    const digest: DigestDelivery = { kind: "digest", bot: "ops", late: false, urgent: false, groups, acceptedAt: 0 };
    return renderDelivery(digest, builtIn, { ...settings, people });
  };

  test("says the names of all its groups once", () => {
    const rendered = digestOf(["张三、赵六", "赵六", "钱七"]);

    assert.deepEqual(mentionsOf(rendered), { users: ["zhangsan"], mobiles: [], said: ["无法提醒：赵六、钱七"] });
    assert.deepEqual(rendered.unmentionable, ["赵六", "钱七"]);
  });

  test("counts the people that one of its groups has too many of", () => {
    const rendered = digestOf([Array.from({ length: 100 }, (_, n) => `user-number-${n}`).join(",")], {
      users: owner.users,
    });

    const { users } = mentionsOf(rendered);
    assert.ok(messageText(rendered.parts[0]?.message as never).includes(`另有 ${100 - users.length} 人未提及`));
  });
});
