import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identify } from "../../../src/route/identity.ts";
import { plainDisplay } from "../../support/look.ts";
import { alertOf, noon, routedGroup } from "../../support/waiting.ts";

const group = (name: string) => ({ groupKey: `{}:{alertname="${name}"}` });

describe("identify", () => {
  const one = routedGroup([alertOf({ fingerprint: "a" }), alertOf({ fingerprint: "b" })], group("A"));

  const same: readonly [string, ReturnType<typeof routedGroup>][] = [
    ["the other HA peer's copy", { ...one, group: { ...one.group, externalURL: "http://peer-2:9093" } }],
    ["the same alerts in another order", { ...one, group: { ...one.group, alerts: one.group.alerts.toReversed() } }],
    [
      "a changed annotation",
      { ...one, group: { ...one.group, alerts: one.group.alerts.map((a) => ({ ...a, annotations: { value: "2" } })) } },
    ],
  ];
  for (const [what, copy] of same) {
    it(`${what} is the same notification`, () => assert.deepEqual(ids(copy), ids(one)));
  }

  const news: readonly [string, ReturnType<typeof routedGroup>][] = [
    [
      "a recovery",
      routedGroup([alertOf({ fingerprint: "a", status: "resolved" }), alertOf({ fingerprint: "b" })], group("A")),
    ],
    [
      "a new start",
      routedGroup([alertOf({ fingerprint: "a", startsAt: noon }), alertOf({ fingerprint: "b" })], group("A")),
    ],
    [
      "one alert more",
      routedGroup(
        [..."abc"].map((fingerprint) => alertOf({ fingerprint })),
        group("A"),
      ),
    ],
  ];
  for (const [what, next] of news) {
    it(`${what} is another state of the same group`, () => {
      assert.equal(identify(next).groupId, identify(one).groupId);
      assert.notEqual(identify(next).dedupKey, identify(one).dedupKey);
    });
  }

  const others: readonly [string, ReturnType<typeof routedGroup>][] = [
    ["another groupKey", routedGroup(one.group.alerts, group("B"))],
    ["another receiver", { ...one, group: { ...one.group, receiver: "other" } }],
    ["another source", { ...one, group: { ...one.group, source: "grafana" } }],
    ["another bot", { ...one, destination: { ...one.destination, bot: "dba" } }],
    ["another template", { ...one, destination: { ...one.destination, template: "short" } }],
    ["another language", { ...one, destination: { ...one.destination, language: "en" } }],
    ["another display", { ...one, destination: { ...one.destination, display: { ...plainDisplay, marks: "none" } } }],
  ];
  for (const [what, other] of others) {
    it(`${what} is another group`, () => assert.notEqual(identify(other).groupId, identify(one).groupId));
  }

  it("alerts of two entries of alertmanagers are two states of one group", () => {
    const [prod, test] = ["prod", "test"].map((alertmanager) =>
      identify({ ...one, group: { ...one.group, alertmanager } }),
    );

    assert.equal(prod?.groupId, test?.groupId);
    assert.notEqual(prod?.dedupKey, test?.dedupKey);
  });

  it("an alert without a start has no dedupKey, because a second firing cannot be distinguished from a copy", () => {
    const routed = routedGroup([alertOf({ fingerprint: "a", startsAt: null })], group("A"));

    assert.equal(identify(routed).dedupKey, null);
  });

  describe("text that was decoded with losses", () => {
    const lossy = (lossyBody: string, mergeWaitMs = 0) => {
      const routed = routedGroup([alertOf({ labels: { host: "\uFFFD\uFFFD-01" } })], { lossyBody });
      return { ...routed, mergeWaitMs };
    };

    it("has no dedupKey", () => assert.equal(identify(lossy("a")).dedupKey, null));

    for (const mergeWaitMs of [0, 30_000]) {
      it(`is no group of another body${mergeWaitMs > 0 ? ", even where groups are merged" : ""}`, () => {
        assert.notEqual(identify(lossy("a", mergeWaitMs)).groupId, identify(lossy("b", mergeWaitMs)).groupId);
      });
    }

    it("sent again it is the same group, and both are kept", () => assert.deepEqual(ids(lossy("a")), ids(lossy("a"))));
  });
});

function ids(routed: ReturnType<typeof routedGroup>) {
  const { groupId, dedupKey } = identify(routed);
  return { groupId, dedupKey };
}
