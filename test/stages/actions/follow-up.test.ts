import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { followUp, type SilenceLook } from "../../../src/actions/follow-up.ts";
import type { SilenceWatch } from "../../../src/domain/action.ts";
import type { Alert } from "../../../src/domain/alert.ts";
import { identify } from "../../../src/route/identity.ts";
import { noon, routedGroup } from "../../support/waiting.ts";
import { firingNow, otherQueue, queue, saidIn, watchOf } from "./watching.ts";

const inForce: SilenceLook = { now: noon, isInForce: true, alerts: [firingNow(queue)] };
const ended: SilenceLook = { ...inForce, isInForce: false };
const silenced = firingNow(queue, { silencedBy: ["s-1"] });
const identities = (...alerts: readonly Alert[]) => alerts.map(({ identity }) => identity);

interface Expected {
  readonly said?: readonly string[];
  readonly removes?: boolean;
  /** What the watch has then; null when it has ended. */
  readonly watch?: Partial<SilenceWatch> | null;
}

describe("a watched silence", () => {
  const rows: readonly (readonly [rule: string, SilenceWatch, SilenceLook, Expected])[] = [
    ["in force, and the alert fires: nothing happens", watchOf(), { ...inForce, alerts: [silenced] }, {}],
    [
      "an alert that is missing once may be missing because Alertmanager was restarted",
      watchOf(),
      { ...inForce, alerts: [] },
      { watch: { missing: identities(queue) } },
    ],
    [
      "an alert that is missing twice has recovered, and that is said",
      watchOf([queue], { missing: identities(queue) }),
      { ...inForce, alerts: [] },
      {
        said: ["orders resolved: 静默期间已恢复"],
        watch: { missing: identities(queue), recovered: identities(queue) },
      },
    ],
    [
      "it is said once",
      watchOf([queue], { missing: identities(queue), recovered: identities(queue) }),
      { ...inForce, alerts: [] },
      { watch: { missing: identities(queue), recovered: identities(queue) } },
    ],
    [
      "one that comes back is not missing any more",
      watchOf([queue], { missing: identities(queue), recovered: identities(queue) }),
      { ...inForce, alerts: [silenced] },
      { watch: { missing: [], recovered: [] } },
    ],
    [
      "each alert recovers by itself",
      watchOf([queue, otherQueue], { missing: identities(otherQueue) }),
      { ...inForce, alerts: [silenced] },
      {
        said: ["mails resolved: 静默期间已恢复"],
        watch: { missing: identities(otherQueue), recovered: identities(otherQueue) },
      },
    ],
    [
      "until it recovers: it is removed when nothing matches it any more",
      watchOf([queue], { missing: identities(queue), untilRecovered: true }),
      { ...inForce, alerts: [] },
      { said: ["orders resolved: 静默期间已恢复，静默已解除"], removes: true, watch: null },
    ],
    [
      "until it recovers: not while it is unsure",
      watchOf([queue], { untilRecovered: true }),
      { ...inForce, alerts: [] },
      { watch: { missing: identities(queue) } },
    ],
    [
      "until it recovers: not while another alert matches it",
      watchOf([queue], { missing: identities(queue), untilRecovered: true }),
      { ...inForce, alerts: [firingNow(otherQueue)] },
      {
        said: ["orders resolved: 静默期间已恢复"],
        watch: { missing: identities(queue), recovered: identities(queue) },
      },
    ],
    [
      "has ended, and the alert still fires: that is said at once",
      watchOf(),
      ended,
      { said: ["orders firing: 静默已结束，仍在告警"], watch: null },
    ],
    [
      "has ended, and another silence covers the alert",
      watchOf(),
      { ...ended, alerts: [firingNow(queue, { silencedBy: ["s-2"] })] },
      { watch: null },
    ],
    [
      "has ended, and another alert inhibits it",
      watchOf(),
      { ...ended, alerts: [firingNow(queue, { isInhibited: true })] },
      { watch: null },
    ],
    [
      "has ended, and the alert is missing: it is looked at once more",
      watchOf(),
      { ...ended, alerts: [] },
      { watch: { missing: identities(queue) } },
    ],
    [
      "has ended, and the alert has recovered",
      watchOf([queue], { missing: identities(queue) }),
      { ...ended, alerts: [] },
      { said: ["orders resolved: 静默期间已恢复"], watch: null },
    ],
  ];
  for (const [rule, watch, look, { said = [], removes = false, watch: expected = {} }] of rows) {
    it(rule, () => {
      const next = followUp(watch, look);

      assert.deepEqual(saidIn(next.notifications), said);
      assert.equal(next.removesSilence, removes);
      assert.deepEqual(next.watch, expected === null ? null : { ...watch, missing: [], ...expected });
    });
  }

  it("is looked at each minute, at its end, and later when it is unsure", () => {
    const dueAt = (endsAt: number, look: Partial<SilenceLook> = {}) =>
      followUp(watchOf([queue], { endsAt }), { ...inForce, ...look }).dueAt - noon;

    assert.equal(dueAt(noon + 3_600_000), 60_000);
    assert.equal(dueAt(noon + 30_000), 32_000);
    assert.equal(dueAt(noon + 3_600_000, { alerts: [] }), 120_000);
  });

  it("the recovery has the identity of the sender's own: when Alertmanager sends it too, it is a duplicate", () => {
    const watch = watchOf([queue, otherQueue], { missing: identities(queue) });
    const [said] = followUp(watch, { ...inForce, alerts: [firingNow(otherQueue)] }).notifications;
    const sent = identify(routedGroup([{ ...queue, status: "resolved", endsAt: noon }]));

    assert.equal(said?.groupId, sent.groupId);
    assert.equal(said?.dedupKey, sent.dedupKey);
  });

  it("what still fires is no duplicate of the state before the silence, and has the start that it has now", () => {
    const again = { ...queue, startsAt: noon + 60_000 };
    const { notifications } = followUp(watchOf(), { ...ended, alerts: [firingNow(again)] });
    const [said] = notifications;

    assert.notEqual(said?.dedupKey, identify(routedGroup([queue])).dedupKey);
    assert.equal(said?.routed.group.alerts[0]?.startsAt, noon + 60_000);
    assert.equal(followUp(watchOf(), ended).notifications[0]?.routed.group.alerts[0]?.startsAt, noon);
  });
});

describe("for any course of an alert under a silence", () => {
  /** What Alertmanager has at each look: the alert, or not; and when the silence is over. */
  const course = fc.record({
    firing: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
    endsAfter: fc.integer({ min: 0, max: 12 }),
    untilRecovered: fc.boolean(),
  });

  it("each recovery is said once, none is said of what fires, and the watch ends", () => {
    fc.assert(
      fc.property(course, ({ firing, endsAfter, untilRecovered }) => {
        let watch: SilenceWatch | null = watchOf([queue], { untilRecovered });
        let missing = 0;
        for (let n = 0; watch !== null; n += 1) {
          assert.ok(n <= 14, "the watch ends two looks after the silence");
          const isFiring = firing[n] ?? false;
          const isInForce = n < endsAfter;
          const alerts = isFiring ? [isInForce ? silenced : firingNow(queue)] : [];
          missing = isFiring ? 0 : missing + 1;

          const next = followUp(watch, { now: noon, isInForce, alerts });

          const said = saidIn(next.notifications).map((text) => text.split(" ")[1]?.slice(0, -1));
          const isRecovered = missing === 2;
          const isStillFiring = isFiring && !isInForce;
          assert.deepEqual(said, isRecovered ? ["resolved"] : isStillFiring ? ["firing"] : []);
          assert.equal(next.removesSilence, isInForce && untilRecovered && missing >= 2);
          watch = next.watch;
        }
      }),
    );
  });
});
