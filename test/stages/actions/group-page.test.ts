import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AlertNow } from "../../../src/actions/alert-now.ts";
import { groupPage } from "../../../src/actions/group-page.ts";
import type { PageContext } from "../../../src/actions/page-parts.ts";
import { pageStrings } from "../../../src/actions/strings.ts";
import { builtInSeverities } from "../../../src/domain/severity.ts";
import { deliveryOf, now, sampleAlert, sampleGroup } from "../render/deliveries.ts";

interface Model {
  readonly count: string;
  readonly firing: string;
  readonly facts: readonly string[];
  readonly rows: readonly {
    readonly title: string;
    readonly state: { readonly word: string; readonly fires: boolean };
  }[];
  readonly more: string;
  readonly canAcknowledge: boolean;
}

const context: PageContext = {
  language: "en",
  strings: pageStrings("en"),
  now,
  severities: builtInSeverities,
  reader: { provenName: null, remembered: "", people: [], isAdmin: false, logIn: null },
  banner: null,
  linkTo: (identity) => identity,
  self: "token",
  acknowledgements: [],
};

const alertOf = (instance: string, severity: string) => sampleAlert({ alertname: "A", instance, severity });
const gone: AlertNow = { kind: "gone" };
const unknown: AlertNow = { kind: "unknown", why: "noAnswer", detail: "" };
const firing = (silencedBy: readonly string[]): AlertNow => {
  return { kind: "firing", current: { labels: {}, startsAt: now, silencedBy, isInhibited: false }, silences: [] };
};

function modelOf(alerts: ReturnType<typeof alertOf>[], states: readonly AlertNow[]): Model {
  const { routed } = deliveryOf(sampleGroup(alerts));
  return groupPage({ routed, states }, context).model as Model;
}

describe("the page of several alerts", () => {
  it("has those that fire first, the worst at the top, and counts them", () => {
    const alerts = [alertOf("a", "warning"), alertOf("b", "critical"), alertOf("c", "critical"), alertOf("d", "info")];

    const { count, firing: counted, rows, facts } = modelOf(alerts, [firing([]), gone, firing(["s"]), firing([])]);

    assert.deepEqual(
      rows.map(({ title, state }) => [title, state.word]),
      [
        ["A c", "Silenced"],
        ["A a", "Warning"],
        ["A d", "Info"],
        ["A b", "No longer firing"],
      ],
    );
    assert.deepEqual([count, counted, facts], ["4 alerts", "3 still firing", []]);
  });

  it("says so when the states are not known, and shows what the message said", () => {
    const { rows, facts, canAcknowledge } = modelOf(
      [alertOf("a", "warning"), alertOf("b", "info")],
      [unknown, unknown],
    );

    assert.deepEqual(
      rows.map(({ state }) => state.fires),
      [true, true],
    );
    assert.deepEqual([facts.length, canAcknowledge], [1, true]);
  });

  it("lists a hundred, and says how many there are besides", () => {
    const alerts = Array.from({ length: 2_000 }, (_, n) => alertOf(`host-${n}`, "warning"));

    const {
      rows,
      more,
      firing: counted,
    } = modelOf(
      alerts,
      alerts.map(() => unknown),
    );

    assert.deepEqual([rows.length, more, counted], [100, "1900 more are not listed", "2000 still firing"]);
  });
});
