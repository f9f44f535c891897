import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { identify } from "../../../src/route/identity.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";
import { splitByTree, treeOf } from "./samples.ts";

const [a, b] = [completeAlert({ labels: { alertname: "A" } }), completeAlert({ labels: { alertname: "B" } })];

describe("group: per_alert", () => {
  const root = treeOf({ group: "per_alert" });

  it("makes a group of each alert, with its own order of states", () => {
    const parts = splitByTree(root, completeGroup([a, b]));

    assert.deepEqual(
      parts.map(({ group, mergeWaitMs }) => [group.alerts.map(({ labels }) => labels.alertname), mergeWaitMs]),
      [
        [["A"], 0],
        [["B"], 0],
      ],
    );
    assert.equal(new Set(parts.map((part) => identify(part).groupId)).size, 2);
  });

  it("keeps the recovery of an alert in the group of the alert", () => {
    const groupIds = (["firing", "resolved"] as const).map((status) => {
      const [part] = splitByTree(root, completeGroup([{ ...a, status }]));
      return part === undefined ? assert.fail() : identify(part).groupId;
    });

    assert.equal(groupIds[0], groupIds[1]);
  });

  it("keeps the count of truncated alerts in one group only", () => {
    const parts = splitByTree(root, completeGroup([a, b], { truncatedAlerts: 7 }));

    assert.deepEqual(
      parts.map(({ group }) => group.truncatedAlerts),
      [7, 0],
    );
  });
});

describe("group: merge", () => {
  const root = treeOf({ group: "merge", waitMs: 5_000, routes: [{ match: "alertname=B", bots: ["other"] }] });

  it("waits, and makes one group of all groups of the sender", () => {
    const ids = ["{}:{x}", "{}:{y}"].map((groupKey) => {
      const [part] = splitByTree(
        root,
        completeGroup([a], { groupKey, receiver: groupKey, groupLabels: { pod: groupKey } }),
      );
      if (part === undefined) return assert.fail();
      assert.equal(part.mergeWaitMs, 5_000);
      assert.deepEqual(part.group.groupLabels, {});
      return identify(part).groupId;
    });

    assert.equal(ids[0], ids[1]);
  });

  it("keeps destinations apart", () => {
    const ids = splitByTree(root, completeGroup([a, b])).map((part) => identify(part).groupId);

    assert.equal(new Set(ids).size, 2);
  });
});

describe("any grouping", () => {
  it("delivers every alert of the group exactly once", () => {
    const grouping = fc.constantFrom("as_sent" as const, "per_alert" as const, "merge" as const);
    const names = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 8 });

    fc.assert(
      fc.property(grouping, names, (group, alertnames) => {
        const alerts = alertnames.map((alertname) => completeAlert({ labels: { alertname } }));

        const delivered = splitByTree(treeOf({ group }), completeGroup(alerts)).flatMap((part) => part.group.alerts);

        assert.deepEqual(delivered, alerts);
      }),
    );
  });
});
