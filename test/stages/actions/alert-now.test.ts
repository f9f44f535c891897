import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { statesOf } from "../../../src/actions/alert-now.ts";
import type { AlertmanagerClient } from "../../../src/actions/alertmanager.ts";
import type { AlertGroup, LabelSet } from "../../../src/domain/alert.ts";
import { alertOf, routedGroup } from "../../support/waiting.ts";

/** Has these alerts. */
function clientWith(labels: readonly LabelSet[]): AlertmanagerClient {
  const unused = () => assert.fail("not asked for");
  const value = labels.map((own) => ({ labels: own, startsAt: null, silencedBy: [], isInhibited: false }));
  return {
    alerts: async () => ({ kind: "answered", value }),
    silence: unused,
    createSilence: unused,
    expireSilence: unused,
    close: async () => undefined,
  };
}

function sentIn(group: AlertGroup) {
  return group.alerts.map((alert) => ({ alert, group }));
}

describe("the states of the alerts of a group", () => {
  it("are those of the alerts with exactly their labels, in any order of names; an empty label is none", async () => {
    const { group } = routedGroup(
      [{ a: "1", b: "2" }, { a: "1" }, { a: "1", b: "2", c: "" }].map((labels) => alertOf({ labels })),
    );

    const client = clientWith([{ b: "2", a: "1", d: "" }]);
    const states = await statesOf(sentIn(group), () => client, 1_000);

    assert.deepEqual(
      states.map(({ kind }) => kind),
      ["firing", "gone", "firing"],
    );
  });

  it("are those of the Alertmanager that sent each", async () => {
    const labels = { alertname: "A" };
    const sent = ["http://one", "http://two", "http://none"].map((externalURL) => {
      return { alert: alertOf({ labels }), group: { externalURL } };
    });
    const clients = new Map([
      ["http://one", clientWith([labels])],
      ["http://two", clientWith([])],
    ]);

    const states = await statesOf(sent, (url) => clients.get(url ?? "") ?? null, 1_000);

    assert.deepEqual(
      states.map(({ kind }) => kind),
      ["firing", "gone", "unknown"],
    );
  });

  it("are found without comparing each alert with each of the answer", async () => {
    let looks = 0;
    const all = Array.from({ length: 2_000 }, (_, n) => ({ alertname: "A", instance: `${n}` }));
    const ownKeys = (labels: LabelSet) => {
      looks += 1;
      return Reflect.ownKeys(labels);
    };
    const counted = all.map((labels) => new Proxy(labels, { ownKeys }));
    const { group } = routedGroup(all.map((labels) => alertOf({ labels })));

    const client = clientWith(counted);
    const states = await statesOf(sentIn(group), () => client, 1_000);

    assert.ok(states.every(({ kind }) => kind === "firing"));
    assert.ok(looks <= all.length, `${looks} looks`);
  });
});
