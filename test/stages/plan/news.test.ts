import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AlertStatus } from "../../../src/domain/alert.ts";
import type { AlertState, DeliveredState } from "../../../src/domain/instance.ts";
import type { AlertNews, GroupDelivery } from "../../../src/domain/notification.ts";
import { isNeedless, lastDelivered, newsOf } from "../../../src/plan/news.ts";
import { deliveredStates } from "../../support/delivered-states.ts";
import { noon } from "../../support/waiting.ts";

const hourMs = 3_600_000;

function state(status: AlertStatus, change: Partial<AlertState> = {}): AlertState {
  return { identity: "a", origin: "http://one", status, startsAt: noon, ...change };
}

function told(status: AlertStatus, change: Partial<DeliveredState> = {}): DeliveredState {
  return { ...state(status), identity: "a", destination: "d", deliveredAt: noon, ...change };
}

const firing = state("firing");
const resolved = state("resolved");
const restarted = state("firing", { startsAt: noon + 1 });

const cases: readonly (readonly [string, readonly AlertState[], DeliveredState | null, AlertNews])[] = [
  ["an alert that was never delivered is new", [firing], null, "new"],
  ["so is a recovery", [resolved], null, "new"],
  ["the same state again is unchanged", [firing], told("firing"), "unchanged"],
  ["a recovery of what fired is a change", [resolved], told("firing"), "changed"],
  ["a recovery again is unchanged", [resolved], told("resolved"), "unchanged"],
  ["what fires again is new, with another start", [restarted], told("resolved"), "new"],
  ["also with the same start", [firing], told("resolved"), "new"],
  ["also when its recovery was never told", [restarted], told("firing"), "new"],
  ["a recovery and a new firing while it waited are new", [resolved, firing], told("firing"), "new"],
  ["a firing and its recovery while it waited are a change", [firing, resolved], told("resolved"), "changed"],
  ["waiting twice in the same state is unchanged", [firing, firing], told("firing"), "unchanged"],
];

const prod = "alertmanagers.prod";

const ofEntries: typeof cases = [
  [
    "a member of the cluster that knows an earlier start has no news",
    [state("firing", { origin: prod, startsAt: noon - 1 })],
    told("firing", { origin: prod }),
    "unchanged",
  ],
  [
    "a later start is another firing, whichever member sends it",
    [state("firing", { origin: prod, startsAt: noon + 1 })],
    told("firing", { origin: prod }),
    "new",
  ],
];

describe("news of an alert", () => {
  for (const [rule, states, last, expected] of [...cases, ...ofEntries]) {
    it(rule, () => assert.equal(newsOf(states, last), expected));
  }

  const known = [
    told("firing"),
    told("resolved", { origin: "http://two", startsAt: noon - 1 }),
    told("firing", { identity: "c" }),
    told("resolved", { identity: "c", origin: "http://peer", deliveredAt: noon + 1 }),
    told("firing", { identity: "d", origin: prod }),
  ];
  const lookUps: readonly (readonly [string, AlertState, DeliveredState | null])[] = [
    ["of its own sender", state("firing", { origin: "http://two", startsAt: 5 }), known[1] ?? null],
    ["of an HA peer, which tells the same start", state("firing", { origin: "http://three" }), known[0] ?? null],
    ["of the peer that was delivered last", state("firing", { identity: "c" }), known[3] ?? null],
    ["not of another cluster with another start", state("firing", { origin: "http://three", startsAt: 5 }), null],
    [
      "of a configured cluster, whatever the start",
      state("firing", { identity: "d", origin: prod, startsAt: 5 }),
      known[4] ?? null,
    ],
    [
      "not of another configured cluster, even with the same start",
      state("firing", { identity: "d", origin: "alertmanagers.test" }),
      null,
    ],
    ["of a peer that nobody configured, by its start", state("firing", { identity: "d" }), known[4] ?? null],
    ["not of another alert", state("firing", { identity: "b" }), null],
    ["never where the text was decoded with losses", state("firing", { identity: null }), null],
    ["not where neither tells a start", state("firing", { origin: "http://three", startsAt: null }), null],
  ];
  for (const [rule, wanted, expected] of lookUps) {
    it(`the last state is that ${rule}`, () => {
      assert.equal(lastDelivered(wanted, "d", deliveredStates(known)), expected);
    });
  }

  it("destinations do not share what was told", () =>
    assert.equal(lastDelivered(state("firing"), "other", deliveredStates(known)), null));
});

describe("with per_alert, an unchanged alert", () => {
  const delivery = (grouping: string, news: readonly AlertNews[], notice = "") =>
    ({ routed: { grouping, notice }, news, remindedAt: noon }) as unknown as GroupDelivery;
  const rules: readonly (readonly [string, GroupDelivery, number, boolean])[] = [
    ["is not sent again", delivery("per_alert", ["unchanged"]), noon + 4 * hourMs - 1, true],
    [
      "is sent as a reminder when it was last sent four hours ago",
      delivery("per_alert", ["unchanged"]),
      noon + 4 * hourMs,
      false,
    ],
    ["is sent when there is something to say of it", delivery("per_alert", ["unchanged"], "ended"), noon + 1, false],
    ["is sent when it changed", delivery("per_alert", ["changed"]), noon + 1, false],
    ["is sent with other groupings: the reminder is the sender's", delivery("as_sent", ["unchanged"]), noon + 1, false],
  ];
  for (const [rule, group, now, expected] of rules) {
    it(rule, () => assert.equal(isNeedless(group, now), expected));
  }
});
