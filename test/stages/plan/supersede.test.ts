import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Alert } from "../../../src/domain/alert.ts";
import { supersede } from "../../../src/plan/supersede.ts";
import { alertOf, noon, routedGroup } from "../../support/waiting.ts";

const named = (instance: string, status: Alert["status"] = "firing") =>
  alertOf({ labels: { alertname: "A", instance }, status, endsAt: status === "resolved" ? noon : null });

function merged(...groups: readonly (readonly Alert[])[]) {
  const [first, ...others] = groups.map((alerts, i) => ({
    id: i,
    acceptedAt: noon + i,
    repeat: false,
    body: JSON.stringify(routedGroup(alerts)),
  }));
  assert.ok(first);
  return supersede([first, ...others], { late: false });
}

const stateOf = ({ routed }: ReturnType<typeof merged>) =>
  routed.group.alerts.map((alert) => `${alert.labels.instance} ${alert.status}`);

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

  it("lists the alerts that recovered while they waited as firing", () => {
    const delivery = merged([named("1"), named("2")], [named("1", "resolved"), named("3", "resolved")]);

    assert.deepEqual(delivery.recoveredWhileWaiting, [named("1").fingerprint]);
  });

  it("common labels are those of the merged alerts", () => {
    const delivery = merged([named("1")], [named("2")]);

    assert.deepEqual({ ...delivery.routed.group.commonLabels }, { alertname: "A" });
  });

  it("counts its wait from the oldest", () => assert.equal(merged([named("1")], [named("1")]).acceptedAt, noon));

  it("a repeat that waited together with news is news", () => {
    const group = (reason: "new alerts added" | "repeat interval elapsed") => ({
      id: 1,
      acceptedAt: noon,
      repeat: reason === "repeat interval elapsed",
      body: JSON.stringify(routedGroup([named("1")], { notificationReason: reason })),
    });

    const delivery = supersede([group("new alerts added"), group("repeat interval elapsed")], { late: false });

    assert.equal(delivery.routed.group.notificationReason, "new alerts added");
    assert.equal(delivery.repeat, false);
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
