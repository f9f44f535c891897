import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderDelivery } from "../../../../src/render/render.ts";
import { cardAdvice } from "../../../../src/wecom/limits.ts";
import {
  cardOf,
  deliveryOf,
  markdownOf,
  ownTemplates,
  renderSample,
  sampleAlert,
  sampleGroup,
  settings,
} from "../deliveries.ts";

const source = { generatorURL: "http://p/", silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
const linked = (labels: Record<string, string>) => sampleAlert(labels, { links: source });

describe("the built-in card", () => {
  test("names its one alert, and nothing follows", () => {
    const alert = linked({ alertname: "HighCPU", severity: "critical", instance: "10.0.0.1:9100" });

    const rendered = renderSample(sampleGroup([alert], { groupLabels: { instance: "10.0.0.1:9100" } }), {
      messages: ["text_notice"],
    });

    assert.equal(rendered.parts.length, 1);
    const card = cardOf(rendered);
    assert.equal(card.main_title.title, "HighCPU");
    assert.deepEqual(card.source, { desc: "🔴 严重", desc_color: 2 });
    assert.equal(card.main_title.desc, "10.0.0.1:9100");
    assert.deepEqual(card.horizontal_content_list, [{ keyname: "持续", value: "1 小时 30 分（15:00 起）" }]);
    assert.deepEqual(card.card_action, { type: 1, url: "http://p/" });
  });

  test("is green when everything recovered, grey when it ended without a recovery", () => {
    const colours = ["", "Paused"].map((grafana_state_reason) => {
      const alert = {
        ...linked({ alertname: "A" }),
        status: "resolved" as const,
        annotations: { grafana_state_reason },
      };
      return cardOf(renderSample(sampleGroup([alert]), { messages: ["text_notice"] })).source?.desc_color;
    });

    assert.deepEqual(colours, [3, 0]);
  });

  test("is followed by markdown when it cannot name every alert", () => {
    const alerts = Array.from({ length: 40 }, (_, n) => linked({ alertname: "A", pod: `web-7f9c-${n}` }));

    const rendered = renderSample(sampleGroup(alerts), { messages: ["text_notice"] });

    assert.equal(rendered.parts[0]?.message.msgtype, "template_card");
    const shown = markdownOf(rendered).join("\n");
    for (const { labels } of alerts) assert.ok(shown.includes(`\`${labels.pod}\``));
  });

  test("is followed by markdown when it has no room for a label, also if the name is part of a folded one", () => {
    const labels = {
      alertname: "A",
      instance: "i",
      a: "1st",
      b: "2nd",
      c: "3rd",
      d: "4th",
      e: "5th",
      u: "6th",
      uid: "k",
    };

    const rendered = renderSample(sampleGroup([linked(labels)]), { messages: ["text_notice"] });

    assert.match(markdownOf(rendered).join("\n"), /u=6th/);
  });

  test("is followed by markdown when it cannot show what is wrong with a time", () => {
    const alert = { ...linked({ alertname: "A" }), startsAt: null, unreadTimes: ["x".repeat(500)] };
    const templates = ownTemplates({
      "default.text_notice.yaml": 'main_title: {title: "{{name}}"}',
      "default.markdown.hbs": "{{caveat}}",
    });

    const rendered = renderDelivery(
      deliveryOf(sampleGroup([alert]), { messages: ["text_notice"] }),
      templates,
      settings,
    );

    assert.match(markdownOf(rendered).join(), /^时间无法识别：x{64}…/);
  });

  test("a name that is only the beginning of another does not count as named", () => {
    const alerts = ["node-1", "node-10"].map((node) => linked({ alertname: "A", node }));
    const templates = ownTemplates({
      "default.text_notice.yaml": 'main_title: {title: "{{name}}", desc: "node-10"}',
      "default.markdown.hbs": "{{#each alerts}}{{labels.node}} {{/each}}",
    });

    const delivery = deliveryOf(sampleGroup(alerts), { messages: ["text_notice"] });

    assert.equal(renderDelivery(delivery, templates, settings).parts.length, 2);
  });

  test("gives way to markdown when it would lead nowhere", () => {
    const rendered = renderSample(sampleGroup([sampleAlert({ alertname: "A" })]), { messages: ["text_notice"] });

    assert.equal(rendered.parts[0]?.message.msgtype, "markdown");
    assert.deepEqual(rendered.templateFailures, []);
  });

  test("leads to our page of its deliveries when the alerts have no link", () => {
    const group = sampleGroup([sampleAlert({ alertname: "A" })]);

    const rendered = renderSample(group, { messages: ["text_notice"] }, { externalURL: "https://alerts.example.cn" });

    assert.deepEqual(cardOf(rendered).card_action, { type: 1, url: "https://alerts.example.cn/deliveries?q=%22A%22" });
  });

  test("mentions people in a message of its own, because a card cannot", () => {
    const group = sampleGroup([linked({ alertname: "A", owner: "zhang.san" })]);
    const mention = { users: ["{{labels.owner}}"], on: ["firing"] as const };

    const rendered = renderSample(group, { messages: ["text_notice"], mention });

    assert.deepEqual(rendered.parts[1]?.message, {
      msgtype: "text",
      text: { content: "🔔 告警 A，请关注", mentioned_list: ["zhang.san"] },
    });
  });

  test("keeps WeCom's advice on lengths, and counts what it cut", () => {
    const long = "很长".repeat(100);
    const group = sampleGroup([linked({ alertname: long, severity: "很重".repeat(100), instance: long })]);

    const rendered = renderSample(group, { messages: ["text_notice"] });
    const card = cardOf(rendered);

    assert.equal([...(card.main_title.title ?? "")].length, cardAdvice.title);
    assert.ok(card.main_title.title?.endsWith("…"));
    assert.equal([...(card.source?.desc ?? "")].length, cardAdvice.sourceDesc);
    assert.equal(markdownOf(rendered).length, 1);
  });
});

describe("an own card", () => {
  const own = (yaml: string, alert = linked({ alertname: "A" })) => {
    const templates = ownTemplates({ "default.text_notice.yaml": yaml, "default.markdown.hbs": "{{name}}" });
    return renderDelivery(deliveryOf(sampleGroup([alert]), { messages: ["text_notice"] }), templates, settings);
  };

  test("loses rows without a value, and the first six win", () => {
    const rows = ["", "1", "2", "", "3", "4", "5", "6", "7"].map((value) => `  - {keyname: k, value: "${value}"}`);

    const card = cardOf(own(`horizontal_content_list:\n${rows.join("\n")}\n`));

    assert.deepEqual(
      card.horizontal_content_list?.map(({ value }) => value),
      ["1", "2", "3", "4", "5", "6"],
    );
  });

  test("loses links without a URL, and the first three win", () => {
    const urls = ["", "http://a1/", "ftp://a2/", "http://a3/", "http://a4/", "http://a5/"];
    const jumps = urls.map((url) => `  - {title: t, url: "${url}"}`);

    const card = cardOf(own(`jump_list:\n${jumps.join("\n")}\n`));

    assert.deepEqual(card.jump_list, [
      { type: 1, title: "t", url: "http://a1/" },
      { type: 1, title: "t", url: "http://a3/" },
      { type: 1, title: "t", url: "http://a4/" },
    ]);
  });

  test("has the action of its template, also a mini program", () => {
    const card = cardOf(own("card_action: {type: 2, appid: wx1, pagepath: a/b}\n"));

    assert.deepEqual(card.card_action, { type: 2, appid: "wx1", pagepath: "a/b" });
  });

  test("a number that WeCom's page does not list is left out", () => {
    const card = cardOf(own('source: {desc: d, desc_color: "{{name}}"}\n'));

    assert.deepEqual(card.source, { desc: "d" });
  });

  test("without a title it has the group's name", () => {
    assert.deepEqual(cardOf(own("source: {desc: d}\n")).main_title, { title: "A" });
  });

  test("that fails gives way to markdown, and is reported", () => {
    const rendered = own("sub_title_text: '{{match `(` name}}'\n".replaceAll("`", '"'));

    assert.deepEqual(markdownOf(rendered), ["A"]);
    assert.equal(rendered.templateFailures.length, 1);
  });
});
