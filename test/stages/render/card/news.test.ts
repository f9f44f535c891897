import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderDelivery } from "../../../../src/render/render.ts";
import { deliveryOf, ownTemplates, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

const picture = "https://a.example/p.png";
const long = "字".repeat(200);

describe("articles", () => {
  const renderSample = (yaml: string, count: number) => {
    const templates = ownTemplates({
      "default.news.yaml": yaml,
      "default.markdown.hbs": "{{#each alerts}}{{labels.pod}} {{/each}}",
    });
    const alerts = Array.from({ length: count }, (_, n) =>
      sampleAlert({ alertname: "A", pod: `pod-${n}.` }, { annotations: { image: n === 0 ? picture : "" } }),
    );
    const delivery = deliveryOf(sampleGroup(alerts), { messages: ["news"] });
    return renderDelivery(delivery, templates, { ...settings, externalURL: "https://ours.example" });
  };
  const yaml = 'title: "{{labels.pod}}"\ndescription: "{{name}}"\npicurl: "{{picture}}"\n';

  test("there is one for each alert, and nothing follows when they name all", () => {
    const { parts } = renderSample(yaml, 8);

    assert.equal(parts.length, 1);
    const [first] = parts;
    assert.ok(first?.message.msgtype === "news");
    assert.equal(first.message.news.articles.length, 8);
    assert.deepEqual(first.message.news.articles[0], {
      title: "pod-0.",
      description: "A",
      url: "https://ours.example/deliveries?q=%22A%22",
      picurl: picture,
    });
  });

  test("there are eight at most, and markdown names the others", () => {
    const { parts } = renderSample(yaml, 9);

    assert.deepEqual(
      parts.map(({ message }) => message.msgtype),
      ["news", "markdown"],
    );
  });

  test("texts are cut with a mark before the server cuts them", () => {
    const [first] = renderSample(`title: "${long}"\ndescription: "${long}"\npicurl: "${picture}"\n`, 1).parts;

    assert.ok(first?.message.msgtype === "news");
    const { title, description = "" } = first.message.news.articles[0] ?? { title: "" };
    assert.ok(Buffer.byteLength(title) <= 128 && title.endsWith("…"));
    assert.ok(Buffer.byteLength(description) <= 512 && description.endsWith("…"));
  });

  test("without any picture they give way to markdown", () => {
    assert.equal(renderSample('title: "{{labels.pod}}"\n', 1).parts[0]?.message.msgtype, "markdown");
  });
});
