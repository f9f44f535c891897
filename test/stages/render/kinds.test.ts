// What a list of kinds is rendered as, and which message mentions people.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageKind } from "../../../src/domain/message-kind.ts";
import type { AlertNews, Person } from "../../../src/domain/notification.ts";
import type { Rendered } from "../../../src/render/message-draft.ts";
import { renderDelivery } from "../../../src/render/render.ts";
import { kindOf, messageText } from "../../../src/wecom/message.ts";
import {
  type DeliveryChoices,
  deliveryOf,
  ownTemplates,
  renderSample,
  sampleAlert,
  sampleGroup,
  settings,
} from "./deliveries.ts";

const picture = "https://grafana.example/p.png";
const source = { generatorURL: "http://p/", silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
const plain = sampleAlert({ alertname: "A", owner: "a" }, { links: source });
const pictured = sampleAlert({ alertname: "A", owner: "a" }, { links: { ...source, imageURL: picture } });

function picturesOf({ parts }: Rendered): readonly string[] {
  return parts.flatMap(({ picture }) => (picture?.kind === "picture" ? picture.location : []));
}

describe("a list of kinds", () => {
  const voiceClip = Buffer.from("#!AMR\n");
  const cases: readonly (readonly [rule: string, asked: readonly MessageKind[], sent: readonly MessageKind[]])[] = [
    ["is rendered in its order", ["text", "text_notice", "markdown_v2"], ["text", "text_notice", "markdown_v2"]],
    ["loses what has no picture", ["text_notice", "image", "news", "news_notice"], ["text_notice"]],
    ["is markdown when nothing of it can be made", ["image", "news", "news_notice", "voice"], ["markdown"]],
    ["a file has every alert", ["file"], ["file"]],
  ];
  for (const [rule, messages, sent] of cases) {
    test(rule, () => {
      const { parts } = renderSample(sampleGroup([plain]), { messages }, { voiceClip });

      assert.deepEqual(
        parts.map(({ message }) => kindOf(message)),
        sent,
      );
    });
  }

  test("shows for a group without a picture the configured one", () => {
    const settings = { pictures: { file: "/etc/wecom/duty.png" } };

    const own = renderSample(sampleGroup([pictured]), { messages: ["image"] }, settings);
    const none = renderSample(sampleGroup([sampleAlert({ alertname: "A" })]), { messages: ["image"] }, settings);

    assert.deepEqual([...picturesOf(own), ...picturesOf(none)], [picture, "/etc/wecom/duty.png"]);
  });

  test("a picture alone names no alert, so markdown comes before it", () => {
    const rendered = renderSample(sampleGroup([pictured]), { messages: ["image"] });

    assert.deepEqual(
      rendered.parts.map(({ message }) => kindOf(message)),
      ["markdown", "image"],
    );
    assert.deepEqual(picturesOf(rendered), [picture]);
  });

  test("a picture comes after all others: it is optional", () => {
    const { parts } = renderSample(sampleGroup([pictured]), { messages: ["image", "text", "markdown_v2"] });

    assert.deepEqual(
      parts.map(({ message }) => kindOf(message)),
      ["text", "markdown_v2", "image"],
    );
  });

  for (const name of ["image_url", "imageURL", "image"]) {
    test(`the picture may be in the annotation ${name}`, () => {
      const alert = sampleAlert({ alertname: "A" }, { annotations: { [name]: picture } });

      assert.deepEqual(picturesOf(renderSample(sampleGroup([alert]), { messages: ["image"] })), [picture]);
    });
  }

  const silent: readonly (readonly [rule: string, choices: DeliveryChoices, status: "firing" | "resolved"])[] = [
    ["not urgent", { urgent: false }, "firing"],
    ["a recovery", {}, "resolved"],
    ["late", { delivery: { late: true } }, "firing"],
    ["a repeat", { delivery: { news: ["unchanged"] } }, "firing"],
  ];
  for (const [rule, choices, status] of silent) {
    test(`there is no voice clip for what is ${rule}`, () => {
      const all = { messages: ["markdown", "voice"], urgent: true, ...choices } as const;

      assert.equal(renderSample(sampleGroup([{ ...plain, status }]), all, { voiceClip }).parts.length, 1);
      assert.equal(
        renderSample(sampleGroup([plain]), { ...all, urgent: true, delivery: {} }, { voiceClip }).parts.length,
        2,
      );
    });
  }
});

describe("text", () => {
  test("is divided into parts of less than 2048 bytes, with room for the mark of a possible repetition", () => {
    const alerts = Array.from({ length: 300 }, (_, n) => sampleAlert({ alertname: "A", pod: `pod-${n}.` }));

    const { parts } = renderSample(sampleGroup(alerts), { messages: ["text"] });

    const texts = parts.map(({ message }) => (message.msgtype === "text" ? message.text.content : assert.fail()));
    assert.ok(texts.length > 1);
    for (const text of texts) assert.ok(Buffer.byteLength(text) <= 2048 - 64);
    for (const { labels } of alerts) assert.ok(texts.join("\n").includes(`${labels.pod}`));
  });

  test("whose template fails stays text", () => {
    const { parts, templateFailures } = renderSample(sampleGroup([plain]), { messages: ["text"], template: "nope" });

    assert.deepEqual([parts[0]?.message.msgtype, templateFailures.length], ["text", 1]);
  });
});

describe("the plain layout has the markup of its kind", () => {
  const layouts = [
    ["text", "🟡 警告 A\n告警中 A warning 2026-11-22 15:00:00\n"],
    ["markdown", "🟡 警告 `A`\n告警中 `A` warning 2026-11-22 15:00:00\n"],
    ["markdown_v2", "🟡 警告 `A`\n告警中 `A` warning 2026-11-22 15:00:00\n"],
  ] as const;
  for (const [kind, start] of layouts) {
    test(kind, () => {
      const alert = sampleAlert({ alertname: "A", severity: "warning" }, { annotations: { summary: "full" } });
      const failing = ownTemplates({ [`default.${kind}.hbs`]: '{{match "(" name}}' });

      const { parts } = renderDelivery(deliveryOf(sampleGroup([alert]), { messages: [kind] }), failing, settings);

      assert.deepEqual(
        parts.map(({ message }) => [message.msgtype, messageText(message)]),
        [[kind, `${start}${kind === "text" ? "" : "> "}full`]],
      );
    });
  }
});

describe("people are mentioned", () => {
  const people: ReadonlyMap<string, Person> = new Map([
    ["张三", { userid: "zhangsan", mobile: null }],
    ["Li Si", { userid: null, mobile: "13800000000" }],
    ["both", { userid: "b", mobile: "13900000000" }],
  ]);
  const listsOf = (messages: readonly MessageKind[], choices: DeliveryChoices["mention"], owner = "a") => {
    const alert = sampleAlert({ alertname: "A", owner }, { links: source });
    const { parts } = renderSample(
      sampleGroup([alert]),
      { messages, ...(choices ? { mention: choices } : {}) },
      { people },
    );
    const texts = parts.flatMap(({ message }) => (message.msgtype === "text" ? [message.text] : []));
    return texts.map(({ mentioned_list, mentioned_mobile_list }) => [mentioned_list, mentioned_mobile_list]);
  };

  test("by the text itself where the group is sent as text", () => {
    assert.deepEqual(listsOf(["text"], { users: ["a"], mobiles: ["13811112222"], all: true }), [
      [["@all"], ["13811112222"]],
    ]);
  });

  test("by a text beside markdown only where markdown cannot mention them", () => {
    assert.deepEqual(listsOf(["markdown"], { users: ["a"] }), []);
    assert.deepEqual(listsOf(["markdown"], { users: ["a"], mobiles: ["13811112222"] }), [[undefined, ["13811112222"]]]);
    assert.deepEqual(listsOf(["markdown"], { all: true }), [[["@all"], undefined]]);
  });

  for (const kind of ["markdown_v2", "text_notice", "file"] as const) {
    test(`after ${kind}, in one message`, () => {
      assert.deepEqual(listsOf([kind], { users: ["a", "b"], mobiles: ["13811112222"] }), [
        [["a", "b"], ["13811112222"]],
      ]);
    });
  }

  test("as the people table says", () => {
    const users = ["{{labels.owner}}"];

    assert.deepEqual(listsOf(["file"], { users }, "张三"), [[["zhangsan"], undefined]]);
    assert.deepEqual(listsOf(["file"], { users }, "Li Si"), [[undefined, ["13800000000"]]]);
    assert.deepEqual(listsOf(["file"], { users }, "both"), [[["b"], undefined]]);
    assert.deepEqual(listsOf(["file"], { mobiles: users }, "both"), [[undefined, ["13900000000"]]]);
    // One text says that nobody is mentioned.
    assert.deepEqual(listsOf(["file"], { users }, "王五"), [[undefined, undefined]]);
    assert.deepEqual(listsOf(["file"], { users, mobiles: users }, "@all"), [[undefined, undefined]]);
  });

  test("on a reminder only if the config asks for it", () => {
    const delivery = { news: ["unchanged"] } as const;
    const mentioned = (repeats: boolean) =>
      renderSample(sampleGroup([plain]), { messages: ["markdown_v2"], mention: { users: ["a"], repeats }, delivery })
        .parts.length;

    assert.deepEqual([mentioned(false), mentioned(true)], [1, 2]);
  });

  test("those whose alert is news, and in a state that mentions: not the owner of a sibling", () => {
    const group = sampleGroup([
      sampleAlert({ alertname: "A", owner: "zhangsan" }),
      sampleAlert({ alertname: "A", owner: "lisi" }, { status: "resolved", endsAt: settings.now }),
      sampleAlert({ alertname: "A", owner: "wangwu" }),
    ]);
    const mentioned = (news: readonly AlertNews[], on: readonly ("firing" | "resolved")[]) =>
      renderSample(group, {
        messages: ["markdown_v2"],
        mention: { users: ["{{labels.owner}}"], on },
        delivery: { news },
      }).parts.flatMap(({ message }) => (message.msgtype === "text" ? (message.text.mentioned_list ?? []) : []));

    assert.deepEqual(mentioned(["unchanged", "changed", "unchanged"], ["firing"]), []);
    assert.deepEqual(mentioned(["unchanged", "changed", "unchanged"], ["firing", "resolved"]), ["lisi"]);
    assert.deepEqual(mentioned(["unchanged", "unchanged", "new"], ["firing"]), ["wangwu"]);
  });

  test("but neither the last name of a text that was cut nor a word of its mark", () => {
    const owner = `zhang.san ${"x".repeat(40_000)}`;
    const mention = { users: ["{{labels.owner}}"], mobiles: ["{{labels.owner}}"] };

    for (const language of ["zh", "en"] as const) {
      const alert = sampleAlert({ alertname: "A", owner });
      const { parts } = renderSample(sampleGroup([alert]), { mention, look: { language } }, { people });
      const mentioned = [...JSON.stringify(parts.map(({ message }) => message)).matchAll(/<@([^>]*)>/g)];

      assert.deepEqual([...new Set(mentioned.map(([, user]) => user))], ["zhang.san"], language);
    }
  });

  test("but not by alert text in the line that says what the message is about", () => {
    const alert = sampleAlert({ alertname: "<@all> x" });

    const { parts } = renderSample(sampleGroup([alert]), { messages: ["file"], mention: { users: ["a"] } });

    const message = parts.at(-1)?.message;
    assert.ok(message?.msgtype === "text" && !message.text.content.includes("<@"));
  });
});
