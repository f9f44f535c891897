// Before anything looks at them, texts are cut to what could ever be shown of them, and say so.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { GroupTelling } from "../../../src/domain/notification.ts";
import { boundedTelling, textMaxBytes } from "../../../src/render/bounded.ts";
import { shortenText } from "../../../src/render/shorten.ts";
import { wordsOf } from "../../../src/render/words.ts";
import { markdownOf, sampleAlert, sampleGroup, tell, tellingOf } from "./tellings.ts";

const long = "x".repeat(9_000_000);
const words = wordsOf("zh");
const languages = ["zh", "en"] as const;

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
}

const places: readonly (readonly [place: string, telling: GroupTelling])[] = [
  ["a label", tellingOf(sampleGroup([sampleAlert({ alertname: "A", long })]))],
  ["a label's name", tellingOf(sampleGroup([sampleAlert({ alertname: "A", [long]: "x" })]))],
  ["an annotation", tellingOf(sampleGroup([sampleAlert({}, { annotations: { summary: long } })]))],
  ["the values", tellingOf(sampleGroup([sampleAlert({}, { fingerprint: "f", valueString: long })]))],
  ["the group", tellingOf(sampleGroup([], { title: long, message: long, receiver: long, groupKey: long }))],
  ["labels of the group", tellingOf(sampleGroup([], { groupLabels: { long }, routeLabels: { long } }))],
];

describe("a bounded telling", () => {
  for (const [place, telling] of places) {
    test(`has no text of 9 MB in ${place}`, () => {
      const { group } = boundedTelling(telling, words).routed;

      const alerts = group.alerts.map((alert) => ({ ...alert, fingerprint: "" }));
      const longest = Math.max(...textsIn({ ...group, alerts }).map((text) => Buffer.byteLength(text)));
      assert.ok(longest <= textMaxBytes + 64, `${longest} bytes`);
    });
  }

  test("keeps labels apart that are the same once they are cut", () => {
    const names = ["a", "b"].map((end) => "x".repeat(textMaxBytes) + end);
    const labels = Object.fromEntries(names.map((name) => [name, name]));

    const { group } = boundedTelling(tellingOf(sampleGroup([sampleAlert(labels)])), words).routed;

    assert.equal(Object.keys(group.alerts[0]?.labels ?? {}).length, 2);
  });

  test("is the same where nothing is long", () => {
    const telling = tellingOf(sampleGroup([sampleAlert({ alertname: "A" }, { annotations: { summary: "y" } })]));

    assert.deepEqual(boundedTelling(telling, words), telling);
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
          const once = shortenText(text, cap, wordsOf(language));

          assert.equal(shortenText(shortenText(text, 180, wordsOf(language)), cap, wordsOf(language)), once);
        }),
      );
    });
  }
});
