import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Alert, AlertGroup } from "../../../src/domain/alert.ts";
import { supersede } from "../../../src/plan/supersede.ts";
import { alertOf, noon, routedGroup } from "../../support/waiting.ts";

const named = (instance: string, status: Alert["status"] = "firing", startsAt = noon) =>
  alertOf({ labels: { alertname: "A", instance }, status, startsAt, endsAt: status === "resolved" ? noon : null });

interface Sent extends Partial<AlertGroup> {
  readonly alerts: readonly Alert[];
}

function mergedFrom(...groups: readonly Sent[]) {
  const [first, ...others] = groups.map(({ alerts, ...group }, i) => ({
    id: i,
    acceptedAt: noon + i,
    body: JSON.stringify(routedGroup(alerts, group)),
  }));
  assert.ok(first);
  return supersede([first, ...others], { delivered: new Map(), acknowledgements: [], late: false });
}

const merged = (...groups: readonly (readonly Alert[])[]) => mergedFrom(...groups.map((alerts) => ({ alerts })));

const stateOf = ({ routed }: ReturnType<typeof merged>) =>
  routed.group.alerts.map((alert) => `${alert.labels.instance} ${alert.status}`);

const [beijing, shanghai] = ["http://bj:9093", "http://sh:9093"];

describe("supersede", () => {
  it("the latest accepted state of each alert wins", () => {
    const delivery = merged([named("1")], [named("1", "resolved")], [named("1")]);

    assert.deepEqual(stateOf(delivery), ["1 firing"]);
    assert.equal(delivery.routed.group.status, "firing");
  });

  it("an alert that only an older notification has is kept, after those of the newest", () => {
    const delivery = merged([named("old")], [named("new")]);

    assert.deepEqual(stateOf(delivery), ["new firing", "old firing"]);
  });

  it("groups that an earlier version stored without their entry of alertmanagers are compared by their addresses", () => {
    const stored = ([alert, externalURL]: readonly [Alert, string | undefined], id: number) => {
      const { alertmanager: _, ...group } = routedGroup([alert], { externalURL: externalURL ?? null }).group;
      return { id, acceptedAt: noon + id, body: JSON.stringify({ ...routedGroup([]), group }) };
    };
    const queued = [stored([named("1"), beijing], 0), stored([named("1", "resolved", noon - 1), shanghai], 1)] as const;

    const delivery = supersede(queued, { delivered: new Map(), acknowledgements: [], late: false });

    assert.deepEqual(stateOf(delivery), ["1 resolved", "1 firing"]);
  });

  it("puts the id of its newest notification into links", () => {
    assert.equal(merged([named("1")], [named("2")]).notificationId, 1);
  });

  it("does not compare each alert with each that somebody acknowledged", () => {
    let looks = 0;
    const alerts = Array.from({ length: 500 }, (_, n) => named(`${n}`));
    const acknowledgements = alerts.map(({ identity }) => ({
      get identity() {
        looks += 1;
        return identity;
      },
      bot: "ops",
      startsAt: noon,
      by: "张三",
      acknowledgedAt: noon,
    }));
    const queued = { id: 1, acceptedAt: noon, body: JSON.stringify(routedGroup(alerts)) };

    const delivery = supersede([queued], { delivered: new Map(), acknowledgements, late: false });

    assert.ok(delivery.acknowledgedBy.every((by) => by === "张三"));
    assert.ok(looks <= 2 * alerts.length, `${looks} looks`);
  });

  it("lists the alerts that recovered while they waited as firing", () => {
    const delivery = merged([named("1"), named("2")], [named("1", "resolved"), named("3", "resolved")]);

    assert.deepEqual(delivery.recoveredWhileWaiting, [0]);
  });

  it("common labels are those of the merged alerts", () => {
    const delivery = merged([named("1")], [named("2")]);

    assert.deepEqual({ ...delivery.routed.group.commonLabels }, { alertname: "A" });
  });

  it("counts its wait from the oldest", () => assert.equal(merged([named("1")], [named("1")]).acceptedAt, noon));

  it("a reason other than a reminder is kept", () => {
    const alerts = [named("1")];

    const delivery = mergedFrom(
      { alerts, notificationReason: "new alerts added" },
      { alerts, notificationReason: "repeat interval elapsed" },
    );

    assert.equal(delivery.routed.group.notificationReason, "new alerts added");
  });

  describe("a notice", () => {
    const queued = (id: number, alerts: readonly Alert[], notice: string) => {
      return { id, acceptedAt: noon + id, body: JSON.stringify({ ...routedGroup(alerts), notice }) };
    };
    const context = { delivered: new Map(), acknowledgements: [], late: false };
    const [one, two] = [queued(1, [named("1")], "ended"), queued(2, [alertOf({ labels: { alertname: "B" } })], "")];

    it("alone is as it was given", () => assert.equal(supersede([one], context).routed.notice, "ended"));

    it("names its alerts where others join them", () => {
      assert.equal(supersede([one, two], context).routed.notice, "A: ended");
      assert.equal(supersede([two, one], context).routed.notice, "A: ended");
    });

    it("is gone when a newer state of its alerts waits", () => {
      assert.equal(supersede([one, queued(2, [named("1", "resolved")], "")], context).routed.notice, "");
    });
  });

  const apart: readonly (readonly [rule: string, firing: Sent, resolved: Sent, expected: readonly string[]])[] = [
    [
      "two clusters whose equal alerts started at other times are two",
      { alerts: [named("1")], externalURL: beijing },
      { alerts: [named("1", "resolved", noon - 1)], externalURL: shanghai },
      ["1 resolved", "1 firing"],
    ],
    [
      "HA peers, which tell the same start, are one",
      { alerts: [named("1")], externalURL: beijing },
      { alerts: [named("1", "resolved")], externalURL: shanghai },
      ["1 resolved"],
    ],
    [
      "one sender is one, also when the alert started again",
      { alerts: [named("1")], externalURL: beijing },
      { alerts: [named("1", "resolved", noon + 1)], externalURL: beijing },
      ["1 resolved"],
    ],
    [
      "alerts that differ in a label never replace each other, whatever their fingerprints",
      { alerts: [{ ...named("1"), fingerprint: "forged" }] },
      { alerts: [{ ...named("2", "resolved"), fingerprint: "forged" }] },
      ["2 resolved", "1 firing"],
    ],
  ];
  for (const [rule, firing, resolved, expected] of apart) {
    it(rule, () => assert.deepEqual(stateOf(mergedFrom(firing, resolved)), expected));
  }

  it("for all interleavings of two clusters: what fires last is never shown as recovered, and every alert is shown", () => {
    const told = fc.record({
      cluster: fc.constantFrom(0, 1),
      instance: fc.constantFrom("1", "2"),
      firing: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 12 }), (all) => {
        const delivery = mergedFrom(
          ...all.map(({ cluster, instance, firing }) => ({
            alerts: [named(instance, firing ? "firing" : "resolved", noon + cluster)],
            externalURL: cluster === 0 ? beijing : shanghai,
          })),
        );

        const last = new Map(all.map((one) => [`${one.cluster} ${one.instance}`, one]));
        const expected = [...last.values()].map((one) => `${one.instance} ${one.firing ? "firing" : "resolved"}`);
        assert.deepEqual(stateOf(delivery).sort(), expected.sort());
      }),
    );
  });

  it("for all sequences: every alert is delivered, once, in its latest state", () => {
    const alert = fc.record({ instance: fc.constantFrom("1", "2", "3", "4"), firing: fc.boolean() });
    const body = fc.uniqueArray(alert, { selector: (one) => one.instance, minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 8 }), (bodies) => {
        const delivery = merged(
          ...bodies.map((b) => b.map((a) => named(a.instance, a.firing ? "firing" : "resolved"))),
        );

        const latest = new Map(bodies.flat().map((a) => [a.instance, a.firing ? "firing" : "resolved"]));
        assert.deepEqual(stateOf(delivery).sort(), [...latest].map(([i, s]) => `${i} ${s}`).sort());
      }),
    );
  });
});
