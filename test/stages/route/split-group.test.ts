import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Alert, AlertGroup, LabelSet } from "../../../src/domain/alert.ts";
import type { Mention, RoutedGroup } from "../../../src/domain/notification.ts";
import { splitGroup } from "../../../src/route/split-group.ts";
import { matchRoutes, type RouteNode } from "../../../src/route/tree.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";
import { plainDisplay, plainLook } from "../../support/look.ts";
import { type Sketch, splitByTree, treeOf } from "./samples.ts";

const disk = completeAlert({
  labels: { alertname: "Disk", team: "db", host: "a" },
  annotations: { summary: "full", runbook: "r" },
});
const load = completeAlert({ labels: { alertname: "Load", team: "web", host: "a" } });
const slow = completeAlert({
  labels: { alertname: "Slow", team: "db", host: "b" },
  annotations: { summary: "slow", runbook: "r" },
});
const gone = completeAlert({ labels: { alertname: "Gone", team: "db", host: "a" }, status: "resolved" });

const noMentions: Mention = { users: [], mobiles: [], all: false, on: ["firing"], repeats: false };

const byTree = { bots: [], mentions: [], template: null };

function outline(parts: readonly RoutedGroup[]): readonly unknown[] {
  return parts.map(({ destination, group }) => [destination.bot, group.alerts.map((alert) => alert.labels.alertname)]);
}

describe("splitGroup", () => {
  it("groups the alerts of one destination in the sender's order", () => {
    const root = treeOf({ routes: [{ match: "team=db", bots: ["dba"] }] });

    const parts = splitByTree(root, completeGroup([disk, load, slow]));

    assert.deepEqual(outline(parts), [
      ["dba", ["Disk", "Slow"]],
      ["root", ["Load"]],
    ]);
  });

  it("recomputes what is common, and the status, and keeps the rest of the sender's group", () => {
    const root = treeOf({ routes: [{ match: "team=db", bots: ["dba"] }] });
    const group = completeGroup([disk, load, slow], {
      groupKey: "{}:{x}",
      groupLabels: { cluster: "c" },
      truncatedAlerts: 3,
      title: "t",
    });

    const [part] = splitByTree(root, group);

    assert.deepEqual(part?.group, {
      ...group,
      alerts: [disk, slow],
      commonLabels: { team: "db" },
      commonAnnotations: { runbook: "r" },
    });
  });

  it("makes a part resolved when all of its alerts are", () => {
    const root = treeOf({ routes: [{ match: "alertname=Gone", bots: ["dba"] }] });

    const parts = splitByTree(root, completeGroup([load, gone]));

    assert.deepEqual(
      parts.map(({ destination, group }) => [destination.bot, group.status]),
      [
        ["root", "firing"],
        ["dba", "resolved"],
      ],
    );
  });

  it("leaves out recoveries where send_resolved is false, and makes no part of recoveries alone", () => {
    const root = treeOf({ sendResolved: false, routes: [{ match: "team=web", bots: ["web"] }] });

    assert.deepEqual(outline(splitByTree(root, completeGroup([gone, disk, load]))), [
      ["root", ["Disk"]],
      ["web", ["Load"]],
    ]);
    assert.deepEqual(splitByTree(root, completeGroup([gone])), []);
  });

  it("delivers an alert once where two routes have equal destinations", () => {
    const root = treeOf({
      routes: [
        { match: "team=db", bots: ["dba", "dba"], continue: true },
        { match: "host=a", bots: ["dba"] },
      ],
    });

    assert.deepEqual(outline(splitByTree(root, completeGroup([disk, slow]))), [["dba", ["Disk", "Slow"]]]);
  });

  it("delivers a recovery when one of two equal destinations wants it", () => {
    const root = treeOf({
      routes: [
        { match: "team=db", bots: ["dba"], sendResolved: false, continue: true },
        { match: "host=a", bots: ["dba"] },
      ],
    });

    assert.deepEqual(outline(splitByTree(root, completeGroup([gone, disk]))), [["dba", ["Gone", "Disk"]]]);
  });

  it("keeps destinations apart that differ in a setting", () => {
    const ways: readonly Sketch[] = [
      { urgent: true },
      { messages: ["text_notice"] },
      { messages: ["text_notice", "image"] },
      { messages: ["image", "text_notice"] },
      { template: "other" },
      { mention: { ...noMentions, users: ["x"] } },
      { mention: { ...noMentions, mobiles: ["x"] } },
      { mention: { ...noMentions, all: true } },
      { mention: { ...noMentions, on: ["firing", "resolved"] } },
      { mention: { ...noMentions, repeats: true } },
      { language: "en" },
      { timezone: "UTC" },
      { display: { ...plainDisplay, titlePrefix: "[x]" } },
      {},
    ];
    const root = treeOf({ routes: ways.map((way) => ({ ...way, continue: true })) });

    assert.equal(splitByTree(root, completeGroup([disk])).length, ways.length);
  });

  it("delivers to every bot of a list", () => {
    assert.deepEqual(outline(splitByTree(treeOf({ bots: ["a", "b"] }), completeGroup([disk]))), [
      ["a", ["Disk"]],
      ["b", ["Disk"]],
    ]);
  });

  it("makes no part of a group without alerts", () => {
    assert.deepEqual(splitByTree(treeOf({}), completeGroup([])), []);
  });
});

describe("splitGroup, with routes that drop", () => {
  const root = treeOf({
    routes: [
      { match: "team=db", bots: ["audit"], continue: true },
      { match: "host=a", drop: true, routes: [{ match: "alertname=Disk", bots: ["disk"] }] },
      { match: "alertname=Slow", drop: true },
    ],
  });
  const quiet = completeAlert({ labels: { alertname: "Quiet", host: "a" } });

  it("discards and counts the alerts that only they take; routes below them still take theirs", () => {
    const { parts, dropped } = splitGroup(root, completeGroup([load, quiet, disk]), byTree);

    assert.deepEqual(outline(parts), [
      ["audit", ["Disk"]],
      ["disk", ["Disk"]],
    ]);
    assert.equal(dropped, 2);
  });

  it("deliver what a route before them took with continue, and do not count it", () => {
    const { parts, dropped } = splitGroup(root, completeGroup([slow]), byTree);

    assert.deepEqual(outline(parts), [["audit", ["Slow"]]]);
    assert.equal(dropped, 0);
  });

  it("have no say over an address that names bots", () => {
    const { parts, dropped } = splitGroup(treeOf({ drop: true }), completeGroup([disk]), { ...byTree, bots: ["ops"] });

    assert.deepEqual(outline(parts), [["ops", ["Disk"]]]);
    assert.equal(dropped, 0);
  });
});

describe("splitGroup, for an address that names bots", () => {
  const toOps = { bots: ["ops"], mentions: [], template: null };

  it("gives all alerts to the named bots with the root's settings, whatever the tree says", () => {
    const root = treeOf({
      urgent: true,
      template: "own",
      routes: [{ match: "team=db", bots: ["dba"], urgent: false }],
    });

    const [part, ...others] = splitGroup(root, completeGroup([disk, load]), toOps).parts;

    assert.deepEqual(others, []);
    assert.deepEqual(part?.destination, {
      bot: "ops",
      messages: ["markdown"],
      template: "own",
      urgent: true,
      mention: { users: [], mobiles: [], all: false, on: ["firing"], repeats: false },
      ...plainLook,
    });
    assert.deepEqual(part?.group.commonLabels, { host: "a" });
  });

  it("uses send_resolved of the root", () => {
    assert.deepEqual(splitGroup(treeOf({ sendResolved: false }), completeGroup([gone]), toOps).parts, []);
  });
});

const values = fc.constantFrom("", "a", "b");
const labelSets: fc.Arbitrary<LabelSet> = fc.record({ x: values, y: values, z: values }, { requiredKeys: [] });
const alerts: fc.Arbitrary<readonly Alert[]> = fc
  .array(fc.tuple(labelSets, labelSets, fc.constantFrom("firing" as const, "resolved" as const)), { maxLength: 8 })
  .map((drawn) => drawn.map(([labels, annotations, status]) => completeAlert({ labels, annotations, status })));
const matches = fc.constantFrom("", "x=a", "x!=a", 'y=~"a|b"', 'z!~"a"', 'x="",y=b');
function sketchesOf(depth: number): fc.Arbitrary<Sketch> {
  const said = {
    match: matches,
    bots: fc.array(fc.constantFrom("p", "q"), { minLength: 1, maxLength: 2 }),
    continue: fc.boolean(),
    sendResolved: fc.boolean(),
    urgent: fc.boolean(),
    drop: fc.boolean(),
  };
  const routes = depth === 0 ? fc.constant([]) : fc.array(sketchesOf(depth - 1), { maxLength: 3 });
  return fc.record({ ...said, routes }, { requiredKeys: ["match"] });
}
const trees = sketchesOf(2).map((sketch) => treeOf({ ...sketch, match: "" }));
const groups: fc.Arbitrary<AlertGroup> = alerts.map((drawn) => completeGroup(drawn));

/** The bots that get an alert, computed without the code under test. */
function botsFor(root: RouteNode, alert: Alert): ReadonlySet<string> {
  const nodes = matchRoutes(root, alert.labels).filter(
    (node) => !node.drop && (alert.status === "firing" || node.settings.sendResolved),
  );
  return new Set(nodes.flatMap((node) => node.settings.bots));
}

describe("splitGroup, for any tree and group", () => {
  it("counts as dropped exactly the alerts that only routes with drop take", () => {
    fc.assert(
      fc.property(trees, groups, (root, group) => {
        const { dropped } = splitGroup(root, group, byTree);

        const discarded = group.alerts.filter(({ labels }) => matchRoutes(root, labels).every(({ drop }) => drop));
        assert.equal(dropped, discarded.length);
      }),
    );
  });

  it("loses no alert that a route takes, and delivers none to a bot without a route for it", () => {
    fc.assert(
      fc.property(trees, groups, (root, group) => {
        const parts = splitByTree(root, group);

        for (const alert of group.alerts) {
          const bots = parts.filter((part) => part.group.alerts.includes(alert)).map((part) => part.destination.bot);
          assert.deepEqual(new Set(bots), botsFor(root, alert));
        }
      }),
    );
  });

  it("has one part for each destination, each alert once in it, in the sender's order", () => {
    fc.assert(
      fc.property(trees, groups, (root, group) => {
        const parts = splitByTree(root, group);

        const destinations = parts.map((part) => JSON.stringify(part.destination));
        assert.equal(new Set(destinations).size, destinations.length);
        for (const part of parts) {
          assert.deepEqual(
            part.group.alerts,
            group.alerts.filter((alert) => part.group.alerts.includes(alert)),
          );
        }
      }),
    );
  });

  it("shares in each part exactly the pairs that all of its alerts have", () => {
    fc.assert(
      fc.property(trees, groups, (root, group) => {
        for (const { group: part } of splitByTree(root, group)) {
          for (const [shared, field] of [
            [part.commonLabels, "labels"],
            [part.commonAnnotations, "annotations"],
          ] as const) {
            const expected = Object.entries(part.alerts[0]?.[field] ?? {}).filter(([name, value]) =>
              part.alerts.every((alert) => alert[field][name] === value),
            );
            assert.deepEqual(shared, Object.fromEntries(expected));
          }
        }
      }),
    );
  });
});
