// Which labels a row shows: the fewest that distinguish alerts of one name, those that locate the alert first.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert } from "../../../../src/domain/alert.ts";
import type { GroupDelivery } from "../../../../src/domain/notification.ts";
import { rowsOf } from "../../../../src/render/view/digest-view.ts";
import { deliveryOf, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

type Labels = Readonly<Record<string, string>>;

function shownOf(all: readonly Labels[]): readonly string[] {
  const alerts = all.map((labels, n) => sampleAlert({ alertname: "A", ...labels }, { fingerprint: String(n) }));
  const rows = rowsOf([deliveryOf(sampleGroup(alerts))], settings);
  return rows.map(({ row }) => row.differing.map(({ name, value }) => `${name}=${value}`).join(" "));
}

const cases: readonly { readonly rule: string; readonly all: readonly Labels[]; readonly shown: readonly string[] }[] =
  [
    {
      rule: "one label when it is enough",
      all: [
        { pod: "a", job: "x" },
        { pod: "b", job: "x" },
      ],
      shown: ["pod=a", "pod=b"],
    },
    { rule: "one label of an alert that is alone", all: [{ zone: "1", pod: "a" }], shown: ["pod=a"] },
    { rule: "none where there is none", all: [{}], shown: [""] },
    {
      rule: "as many as it takes",
      all: [
        { pod: "a", job: "x" },
        { pod: "a", job: "y" },
        { pod: "b", job: "x" },
      ],
      shown: ["pod=a job=x", "pod=a job=y", "pod=b job=x"],
    },
    { rule: "one that only some have", all: [{ pod: "a" }, { pod: "a", zone: "1" }], shown: ["pod=a", "pod=a zone=1"] },
    {
      rule: "not one that distinguishes nothing more",
      all: [
        { pod: "a", node: "n", job: "x" },
        { pod: "b", node: "n", job: "x" },
      ],
      shown: ["node=n pod=a", "node=n pod=b"],
    },
  ];

describe("a row shows", () => {
  for (const { rule, all, shown } of cases) {
    test(rule, () => assert.deepEqual(shownOf(all), shown));
  }

  test("all alerts that differ in a label are distinguished, for all labels", () => {
    const labels = fc.dictionary(fc.constantFrom("pod", "job", "zone", "x"), fc.constantFrom("1", "2", ""), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 12 }), (all) => {
        const filled = all.map((one) => Object.entries(one).filter(([, value]) => value !== ""));
        const different = new Set(filled.map((pairs) => JSON.stringify(pairs.toSorted())));

        assert.equal(new Set(shownOf(all)).size, different.size);
      }),
    );
  });
});

describe("rows of one name", () => {
  const down = { alertname: "NodeDown", severity: "已恢复" };
  const rowsOfTwo = (first: Partial<Alert>, delivery: Partial<GroupDelivery>, marks: "emoji" | "none") => {
    const alerts = [sampleAlert({ ...down, instance: "n-1" }, first), sampleAlert({ ...down, instance: "n-2" })];
    const display = { ...settings.display, marks };
    return rowsOf([deliveryOf(sampleGroup(alerts), { delivery })], { ...settings, display });
  };
  const firsts: readonly (readonly [string, ReturnType<typeof rowsOfTwo>])[] = [
    ["those that are news, though they look the same", rowsOfTwo({}, { news: ["unchanged", "new"] }, "emoji")],
    ["those that fire, whatever their severity is called", rowsOfTwo({ status: "resolved" }, {}, "none")],
  ];
  for (const [rule, rows] of firsts) {
    test(`begin with ${rule}`, () =>
      assert.deepEqual(
        rows.map(({ row }) => row.subject),
        ["n-2", "n-1"],
      ));
  }
});
