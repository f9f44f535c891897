// Before a group is stored, its texts are cut to what could be shown of them; an alert that does not fit alone is shortened
// further.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { AlertGroup } from "../../../../src/domain/alert.ts";
import { alertTextMaxBytes, boundedRoutedGroup, shortenView } from "../../../../src/render/fit/shorten-alerts.ts";
import { shortenerFor, shortenText } from "../../../../src/render/fit/shorten-text.ts";
import { prepareViews } from "../../../../src/render/view/group-view.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { deliveryOf, markdownOf, renderSample, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

const long = "x".repeat(9_000_000);
const strings = stringsFor("zh");
const languages = ["zh", "en"] as const;

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
}

const places: readonly (readonly [place: string, group: AlertGroup])[] = [
  ["a label", sampleGroup([sampleAlert({ alertname: "A", long })])],
  ["a label's name", sampleGroup([sampleAlert({ alertname: "A", [long]: "x" })])],
  ["an annotation", sampleGroup([sampleAlert({}, { annotations: { summary: long } })])],
  ["the values", sampleGroup([sampleAlert({}, { fingerprint: "f", valueString: long })])],
  ["the group", sampleGroup([], { title: long, message: long, receiver: long, groupKey: long })],
  ["labels of the group", sampleGroup([], { groupLabels: { long }, routeLabels: { long } })],
];

function bounded(group: AlertGroup): AlertGroup {
  return boundedRoutedGroup({ ...deliveryOf(group).routed, group }).group;
}

describe("a bounded group", () => {
  for (const [place, sent] of places) {
    test(`has no text of 9 MB in ${place}`, () => {
      const group = bounded(sent);

      const alerts = group.alerts.map((alert) => ({ ...alert, fingerprint: "" }));
      const longest = Math.max(...textsIn({ ...group, alerts }).map((text) => Buffer.byteLength(text)));
      assert.ok(longest <= alertTextMaxBytes + 64, `${longest} bytes`);
    });
  }

  test("keeps both of two labels whose names are equal when they are cut", () => {
    const names = ["a", "b"].map((end) => "x".repeat(alertTextMaxBytes) + end);
    const labels = Object.fromEntries(names.map((name) => [name, name]));

    const group = bounded(sampleGroup([sampleAlert(labels)]));

    assert.equal(Object.keys(group.alerts[0]?.labels ?? {}).length, 2);
  });

  test("is the same where nothing is long", () => {
    const group = sampleGroup([sampleAlert({ alertname: "A" }, { annotations: { summary: "y" } })]);

    assert.deepEqual(bounded(group), group);
  });

  test("keeps the first length of a text that is cut again", () => {
    const rendered = renderSample(sampleGroup([sampleAlert({ alertname: "A" }, { annotations: { summary: long } })]));

    assert.match(markdownOf(rendered)[0] ?? "", /…（截短，共 9000000 字节）/);
  });
});

describe("a text that is cut twice", () => {
  for (const language of languages) {
    test(`is the same as one that is cut once (${language})`, () => {
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

describe("what a template sees of an alert that is shortened", () => {
  const url = `https://a.example/${"u".repeat(500)}`;
  const text = "x".repeat(500);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`label${n}`, text]));
  const alert = sampleAlert(
    { ...many, alertname: text, severity: text },
    {
      fingerprint: "f",
      annotations: { ...many, summary: text, description: `${text}2`, grafana_state_reason: text, runbook_url: url },
      links: { generatorURL: url, dashboardURL: url, panelURL: url, silenceURL: url, imageURL: url },
      values: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`v${n}`, n])),
      valueString: text,
    },
  );
  const sent = { title: text, message: text, receiver: text, groupKey: text, externalURL: url, routeLabels: many };
  const views = prepareViews(deliveryOf(sampleGroup([alert], { ...sent, groupLabels: many })), settings);
  const shorten = shortenerFor({ capBytes: 40, entries: 3 }, strings);

  test("has no long text and no long list", () => {
    const shown = [shortenView(views.facts, shorten), ...views.alerts.map((one) => shortenView(one, shorten))];

    const longest = Math.max(...textsIn(shown).map((one) => Buffer.byteLength(one)));
    assert.ok(longest <= 40 + 64, `${longest} bytes`);
    assert.ok(textsIn(shown).length < textsIn(views).length / 4);
    assert.ok(textsIn(shown).every((one) => !one.startsWith("https:")));
  });

  test("says how many labels are missing, and keeps its state", () => {
    const [view] = views.alerts.map((one) => shortenView(one, shorten));

    assert.equal(view?.labels["…"], "另有 49 个标签未显示");
    assert.equal(view?.annotations["…"], "另有 51 个注解未显示");
    assert.equal(view?.stateWord, views.alerts[0]?.stateWord);
  });
});
