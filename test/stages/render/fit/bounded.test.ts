// Before anything looks at them, texts are cut to what could ever be shown of them, and say so.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { GroupDelivery } from "../../../../src/domain/notification.ts";
import { boundedDelivery, textMaxBytes } from "../../../../src/render/fit/bounded.ts";
import { shortenText } from "../../../../src/render/fit/shorten.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { deliveryOf, markdownOf, sampleAlert, sampleGroup, tell } from "../deliveries.ts";

const long = "x".repeat(9_000_000);
const strings = stringsFor("zh");
const languages = ["zh", "en"] as const;

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
}

const places: readonly (readonly [place: string, delivery: GroupDelivery])[] = [
  ["a label", deliveryOf(sampleGroup([sampleAlert({ alertname: "A", long })]))],
  ["a label's name", deliveryOf(sampleGroup([sampleAlert({ alertname: "A", [long]: "x" })]))],
  ["an annotation", deliveryOf(sampleGroup([sampleAlert({}, { annotations: { summary: long } })]))],
  ["the values", deliveryOf(sampleGroup([sampleAlert({}, { fingerprint: "f", valueString: long })]))],
  ["the group", deliveryOf(sampleGroup([], { title: long, message: long, receiver: long, groupKey: long }))],
  ["labels of the group", deliveryOf(sampleGroup([], { groupLabels: { long }, routeLabels: { long } }))],
];

describe("a bounded delivery", () => {
  for (const [place, delivery] of places) {
    test(`has no text of 9 MB in ${place}`, () => {
      const { group } = boundedDelivery(delivery, strings).routed;

      const alerts = group.alerts.map((alert) => ({ ...alert, fingerprint: "" }));
      const longest = Math.max(...textsIn({ ...group, alerts }).map((text) => Buffer.byteLength(text)));
      assert.ok(longest <= textMaxBytes + 64, `${longest} bytes`);
    });
  }

  test("keeps labels apart that are the same once they are cut", () => {
    const names = ["a", "b"].map((end) => "x".repeat(textMaxBytes) + end);
    const labels = Object.fromEntries(names.map((name) => [name, name]));

    const { group } = boundedDelivery(deliveryOf(sampleGroup([sampleAlert(labels)])), strings).routed;

    assert.equal(Object.keys(group.alerts[0]?.labels ?? {}).length, 2);
  });

  test("is the same where nothing is long", () => {
    const delivery = deliveryOf(sampleGroup([sampleAlert({ alertname: "A" }, { annotations: { summary: "y" } })]));

    assert.deepEqual(boundedDelivery(delivery, strings), delivery);
  });

  test("still says how long a text was", () => {
    const told = tell(sampleGroup([sampleAlert({ alertname: "A" }, { annotations: { summary: long } })]));

    assert.match(markdownOf(told)[0] ?? "", /…（截短，共 9000000 字节）/);
  });
});

describe("a text that is cut twice", () => {
  for (const language of languages) {
    test(`is as if it were cut once (${language})`, () => {
      const texts = fc.string({ unit: "grapheme", minLength: 200, maxLength: 900 });
      fc.assert(
        fc.property(texts, fc.integer({ min: 10, max: 90 }), (text, cap) => {
          const once = shortenText(text, cap, stringsFor(language));

          assert.equal(shortenText(shortenText(text, 180, stringsFor(language)), cap, stringsFor(language)), once);
        }),
      );
    });
  }
});
