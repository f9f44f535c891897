// Which deliveries want a graph, and what an image shows: the picture of an alert, else the graph, else the configured one.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DeliveryChoices, renderSample, sampleAlert, sampleGroup } from "./deliveries.ts";

const link = { generatorURL: "http://p/", silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
const plain = sampleAlert({ alertname: "A" }, { links: link });
const pictured = sampleAlert({ alertname: "A" }, { links: { ...link, imageURL: "https://grafana.example/p.png" } });
const file = "/etc/wecom/duty.png";

function optionalOf(choices: DeliveryChoices, { alert = plain, graph = true } = {}): readonly string[] {
  const look = { ...choices.look, graph };
  const { parts } = renderSample(sampleGroup([alert]), { ...choices, look }, { pictures: { file } });
  return parts.flatMap(({ picture }) => {
    if (picture === null) return [];
    if (picture.kind === "picture") return [picture.location];
    return [picture.otherwise === null ? "graph" : `graph, else ${picture.otherwise}`];
  });
}

const cases: readonly (readonly [rule: string, found: readonly string[], expected: readonly string[]])[] = [
  ["a group with news wants one, whatever its kinds are", optionalOf({ messages: ["text_notice"] }), ["graph"]],
  ["a reminder does not", optionalOf({ delivery: { news: ["unchanged"] } }), []],
  ["one of which an alert changed does", optionalOf({ delivery: { news: ["changed"] } }), ["graph"]],
  ["what is late does not", optionalOf({ delivery: { late: true } }), []],
  ["nor does a route without graphs", optionalOf({}, { graph: false }), []],
  [
    "an image is the picture of an alert",
    optionalOf({ messages: ["markdown", "image"] }, { alert: pictured }),
    ["https://grafana.example/p.png"],
  ],
  ["else the graph, else the configured picture", optionalOf({ messages: ["image"] }), [`graph, else ${file}`]],
  ["else the configured one alone", optionalOf({ messages: ["image"] }, { graph: false }), [file]],
];

describe("the picture of a delivery", () => {
  for (const [rule, found, expected] of cases) test(rule, () => assert.deepEqual(found, expected));

  test("comes after all other messages", () => {
    const { parts } = renderSample(sampleGroup([plain]), {
      messages: ["text_notice", "markdown"],
      look: { graph: true },
    });

    assert.deepEqual(
      parts.map(({ message }) => message.msgtype),
      ["template_card", "markdown", "image"],
    );
  });

  test("a graph is asked for with all alerts, in the language and time zone of the route", () => {
    const look = { graph: true, language: "en", timezone: "Europe/Berlin" } as const;

    const { parts } = renderSample(sampleGroup([plain, pictured]), { look });

    const picture = parts.at(-1)?.picture;
    assert.ok(picture?.kind === "graph");
    assert.deepEqual([picture.alerts.length, picture.language, picture.timezone], [2, "en", "Europe/Berlin"]);
  });
});
