// An alert of a body that was decoded with losses is never taken for another alert: different texts may have become the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeGroups, type RenderRequest, renderRequest } from "../../src/deliver/renderer.ts";
import type { AlertStatus } from "../../src/domain/alert.ts";
import type { DeliveredState } from "../../src/domain/instance.ts";
import { noTemplates } from "../../src/render/template/template-set.ts";
import { settings } from "../stages/render/deliveries.ts";
import { deliveredStates, statesOf } from "../support/delivered-states.ts";
import { alertOf, noon, routedGroup } from "../support/waiting.ts";

interface Sent {
  readonly lossyBody: string | null;
  readonly externalURL: string | null;
  readonly alerts: readonly { readonly instance: string; readonly status: AlertStatus; readonly startsAt: number }[];
}

const sent: fc.Arbitrary<Sent> = fc.record({
  lossyBody: fc.constantFrom(null, null, "x", "y"),
  externalURL: fc.constantFrom(null, "http://bj:9093", "http://sh:9093"),
  alerts: fc.array(
    fc.record({
      instance: fc.constantFrom("1", "2"),
      status: fc.constantFrom("firing", "resolved"),
      startsAt: fc.constantFrom(noon, noon + 1),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Each alert has its number: of all that were sent. */
interface Numbered {
  readonly id: number;
  readonly body: string;
  readonly lossy: boolean;
  readonly numbers: readonly string[];
}

function numbered(bodies: readonly Sent[]): readonly Numbered[] {
  return bodies.map(({ alerts, lossyBody, externalURL }, id) => {
    const numbers = alerts.map((_, index) => `${id}.${index}`);
    const sentAlerts = alerts.map(({ instance, ...alert }, index) =>
      alertOf({ ...alert, labels: { instance }, annotations: { number: numbers[index] ?? "" } }),
    );
    const body = JSON.stringify(routedGroup(sentAlerts, { lossyBody, externalURL }));
    return { id, body, lossy: lossyBody !== null, numbers };
  });
}

/** All of them waited, as one group. */
function requestOf(waiting: readonly Numbered[], delivered: readonly DeliveredState[]): RenderRequest {
  const at = noon + 1_000;
  const groups = [waiting.map(({ id, body }) => ({ id, body, acceptedAt: noon + id }))];
  return {
    bot: "ops",
    late: false,
    urgent: false,
    mostInFull: 9,
    acknowledgements: [],
    groups,
    delivered: deliveredStates(delivered),
    plannedAt: at,
    wallAt: at,
    recoveries: new Map(),
  };
}

const newsOf = (waiting: readonly Numbered[], delivered: readonly DeliveredState[]) => {
  const [merged] = waiting.length === 0 ? [] : mergeGroups(requestOf(waiting, delivered));
  return (merged?.routed.group.alerts ?? []).map(({ annotations }, n) => `${annotations.number} ${merged?.news[n]}`);
};

function deliveredOf(waiting: readonly Numbered[]): readonly DeliveredState[] {
  const request = requestOf(waiting, []);
  return waiting.length === 0 ? [] : statesOf(renderRequest(request, noTemplates, settings));
}

test("every alert of a body read with losses is shown as new, and changes nothing for what other bodies say", () => {
  fc.assert(
    fc.property(fc.array(sent, { minLength: 1, maxLength: 8 }), (bodies) => {
      const waiting = numbered(bodies);
      const whole = waiting.filter(({ lossy }) => !lossy);
      const expected = waiting.flatMap(({ lossy, numbers }) => (lossy ? numbers.map((number) => `${number} new`) : []));
      const states = deliveredOf(waiting);

      assert.deepEqual(states, deliveredOf(whole));
      for (const delivered of [[], states]) {
        const own = newsOf(whole, delivered);
        assert.deepEqual(newsOf(waiting, delivered).sort(), [...own, ...expected].sort());
      }
    }),
  );
});
