import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LaneState, type LaneStep, nextStep } from "../../../src/deliver/next-step.ts";
import type { OptionalPart } from "../../../src/deliver/optional-step.ts";
import type { LaneWork } from "../../../src/outbox/lane.ts";
import { answeredAttempts, keyState, laneWork, noon, pendingHead, waitingMessage } from "../../support/waiting.ts";

const maxAgeMs = 6 * 3_600_000;

function stepOf(work: Partial<LaneWork>, lane: Partial<LaneState> = {}): LaneStep {
  const settings = { keyIds: ["k1"], maxAgeMs, reserve: 0, digestMessages: 3, fallback: null };
  const nothing = { ...settings, now: noon, optional: [], optionalMaxDelayMs: 30_000 };
  return nextStep({ ...nothing, ...lane, work: laneWork(work) });
}

/** What a step is about, short enough for a table. */
function brief(step: LaneStep): string {
  switch (step.kind) {
    case "send":
      return `send ${step.message.id} by ${step.keyId}${step.mediaId === null ? "" : ` with ${step.mediaId}`}`;
    case "upload":
      return `upload for ${step.message.id} by ${step.keyId}`;
    case "move":
      return `move to ${step.toBot}`;
    case "plan":
      return `plan ${step.delivery.kind === "group" ? step.delivery.group.groupId : "digest"}`;
    case "omit":
      return `omit ${step.partId} ${step.result}`;
    case "fill":
      return `fill ${step.partId}`;
    case "sendOptional":
      return `send part ${step.partId} by ${step.keyId}`;
    case "retract":
      return `retract ${step.deliveryId}`;
    case "rest":
      return `rest ${step.untilAt === null ? "forever" : step.untilAt - noon}${step.wakesAt === null ? ", no wake" : ""}`;
  }
}

const message = waitingMessage;
const head = pendingHead;
const full = answeredAttempts(20, noon - 10_000);
const off = keyState({ offReason: "keyInvalid", probeAt: noon + 60_000, failures: 1 });

const table: readonly [string, Partial<LaneWork>, string][] = [
  ["nothing waits: rest until work comes", {}, "rest forever"],
  ["an idle bot plans at once", { pending: [head()] }, "plan g1"],
  ["what is materialised is sent", { messages: [message()] }, "send 1 by k1"],
  [
    "what is materialised is sent before more is planned",
    { messages: [message()], pending: [head({ groupId: "g2" })] },
    "send 1 by k1",
  ],
  [
    "an urgent waiting group goes before a message that is not urgent",
    { messages: [message()], pending: [head({ groupId: "g2", urgent: true })] },
    "plan g2",
  ],
  [
    "an urgent message goes before everything",
    {
      messages: [message(), message({ id: 2, deliveryId: 2, urgent: true })],
      pending: [head({ groupId: "g3", urgent: true })],
    },
    "send 2 by k1",
  ],
  [
    "a newer state of a group with a waiting message is not planned, urgent or not: order within the group",
    { messages: [message()], pending: [head({ urgent: true })], busyGroups: new Set(["g1"]) },
    "send 1 by k1",
  ],
  ["parts leave in order", { messages: [message({ id: 4, part: 1 }), message({ id: 5, part: 2 })] }, "send 4 by k1"],
  [
    "a part that backs off holds back its later parts",
    { messages: [message({ id: 4, part: 1, notBeforeAt: noon + 700 }), message({ id: 5, part: 2 })] },
    "rest 700",
  ],
  [
    "a message that backs off does not hold back another group",
    { messages: [message({ notBeforeAt: noon + 700 }), message({ id: 2, deliveryId: 2 })] },
    "send 2 by k1",
  ],
  [
    "a full window rests until its oldest answer is 60 s old, whatever comes",
    { pending: [head()], attempts: full },
    "rest 50000, no wake",
  ],
  [
    "nothing is planned before it may leave: it stays free to merge",
    { pending: [head()], attempts: full },
    "rest 50000, no wake",
  ],
  [
    "a key on hold is used when its hold ends",
    { messages: [message({ retractable: false })], keys: [keyState({ holdUntilAt: noon + 65_000 })] },
    "rest 65000, no wake",
  ],
  ["a key that is off rests until its probe", { pending: [head()], keys: [off] }, "rest 60000, no wake"],
  [
    "however long its alerts have waited",
    { pending: [head({ acceptedAt: noon - 90_000 })], keys: [off] },
    "rest 60000, no wake",
  ],
  ["a full window too", { pending: [head({ acceptedAt: noon - 90_000 })], attempts: full }, "rest 50000, no wake"],
  ["with every key off, what was never begun is taken back", { messages: [message()], keys: [off] }, "retract 1"],
  [
    "with every key off, what may have been delivered stays",
    { messages: [message({ retractable: false })], keys: [off] },
    "rest 60000, no wake",
  ],
  [
    "a key that is off is probed with real work when its time comes",
    { pending: [head()], keys: [{ ...off, probeAt: noon }] },
    "plan g1",
  ],
  [
    "a message that became late unsent is taken back, to be delivered as late",
    { messages: [message({ acceptedAt: noon - maxAgeMs - 1, plannedAt: noon - maxAgeMs })] },
    "retract 1",
  ],
  [
    "a late message is not taken back again",
    { messages: [message({ acceptedAt: noon - maxAgeMs - 1 })] },
    "send 1 by k1",
  ],
  [
    "a message in doubt is never taken back for its age",
    { messages: [message({ acceptedAt: noon - maxAgeMs - 1, retractable: false })] },
    "send 1 by k1",
  ],
];

describe("nextStep", () => {
  for (const [rule, work, expected] of table) {
    it(rule, () => assert.equal(brief(stepOf(work)), expected));
  }

  it("the key with more free slots gets the next request", () => {
    const step = stepOf(
      { messages: [message()], attempts: answeredAttempts(3, noon - 1, "k1") },
      { keyIds: ["k1", "k2"] },
    );

    assert.equal(brief(step), "send 1 by k2");
  });

  const two = { keyIds: ["k1", "k2"] };

  it("a key that is due for a probe gets the next request that is not urgent: else it would stay off while another works", () => {
    const probing = [keyState({ keyId: "k2", offReason: "keyInvalid", probeAt: noon })];

    const calm = stepOf({ messages: [message()], keys: probing }, two);
    const urgent = stepOf({ messages: [message({ urgent: true })], keys: probing }, two);

    assert.deepEqual([calm, urgent].map(brief), ["send 1 by k2", "send 1 by k1"]);
  });

  it("a probe keeps no slot for urgent messages", () => {
    const probing = [{ ...off, probeAt: noon }];

    assert.equal(brief(stepOf({ pending: [head()], keys: probing }, { reserve: 4 })), "plan g1");
  });

  it("a later part waits for the key that sent the earlier one, as long as that key is up", () => {
    const part = message({ part: 2, keyId: "k1", retractable: false });

    const step = stepOf({ messages: [part], attempts: full }, two);
    const withoutIt = stepOf({ messages: [part], keys: [off] }, two);

    assert.equal(brief(step), "rest 50000");
    assert.equal(brief(withoutIt), "send 1 by k2");
  });

  it("a key on hold does not hold the others", () => {
    const held = keyState({ holdUntilAt: noon + 65_000 });

    assert.equal(brief(stepOf({ messages: [message()], keys: [held] }, two)), "send 1 by k2");
  });

  it("with every key off, the backlog goes to the fallback, after materialised deliveries were taken back", () => {
    const lane = { fallback: "other" };

    const first = stepOf({ messages: [message()], pending: [head({ id: 2 })], keys: [off] }, lane);
    const second = stepOf({ pending: [head()], keys: [off] }, lane);
    const probing = stepOf({ pending: [head()], keys: [{ ...off, probeAt: noon }] }, lane);

    assert.deepEqual([first, second, probing].map(brief), ["retract 1", "move to other", "plan g1"]);
  });

  it("so does a begun delivery: the other chat has seen nothing of it", () => {
    const begun = message({ retractable: false, part: 2 });

    const withFallback = stepOf({ messages: [begun], keys: [off] }, { fallback: "other" });
    const withoutOne = stepOf({ messages: [begun], keys: [off] });

    assert.deepEqual([withFallback, withoutOne].map(brief), ["move to other", brief(withoutOne)]);
    assert.match(brief(withoutOne), /^rest/);
  });

  it("a file is uploaded for the key before its message is sent, unless the key still has it", () => {
    const withFile = message({ mediaHash: "h" });
    const known = { keyId: "k1", mediaHash: "h", mediaId: "m1", expiresAt: noon + 1 };

    const steps = [[], [known], [{ ...known, expiresAt: noon }], [{ ...known, keyId: "k2" }]].map((mediaIds) =>
      brief(stepOf({ messages: [withFile], mediaIds })),
    );

    assert.deepEqual(steps, ["upload for 1 by k1", "send 1 by k1 with m1", "upload for 1 by k1", "upload for 1 by k1"]);
  });

  it("the reserve is not for a message that is not urgent, unless it has waited a whole window", () => {
    const attempts = answeredAttempts(16, noon - 1_000);
    const calm = message({ retractable: false });

    const kept = stepOf({ messages: [calm], attempts }, { reserve: 4 });
    const urgent = stepOf({ messages: [{ ...calm, urgent: true }], attempts }, { reserve: 4 });
    const patient = stepOf({ messages: [{ ...calm, acceptedAt: noon - 60_000 }], attempts }, { reserve: 4 });

    assert.deepEqual([kept, urgent, patient].map(brief), ["rest 59000", "send 1 by k1", "send 1 by k1"]);
  });

  it("while a backlog waits for its pace, new work is read four times a second, not for every webhook", () => {
    const attempts = answeredAttempts(16, noon - 1_000);

    const paced = stepOf({ pending: [head()], attempts, lastNormalAt: noon - 1_000 });
    const idle = stepOf({});

    assert.equal(paced.kind === "rest" && paced.wakesAt, noon + 250);
    assert.equal(idle.kind === "rest" && idle.wakesAt, noon);
  });
});

/** A second before, the text was sent by the first key. */
const sentText = { textSentAt: noon - 1_000, keyId: "k1" };
const planned: OptionalPart = { id: 7, phase: { kind: "planned" } };
const wanted: OptionalPart = { id: 7, phase: { kind: "wanted", ...sentText } };
const filling: OptionalPart = { id: 7, phase: { kind: "filling", ...sentText } };
const filled: OptionalPart = { id: 7, phase: { kind: "filled", ...sentText } };
const overdue = { textSentAt: noon - 30_000, keyId: "k1" };
const lately = answeredAttempts(1, noon - 200);

const optionalTable: readonly [string, Partial<LaneState>, Partial<LaneWork>, string][] = [
  ["a part waits for its text, however long that takes", { optional: [planned] }, {}, "rest forever"],
  ["when its text is sent, it is made", { optional: [wanted] }, {}, "fill 7"],
  ["the lane goes on while it is made", { optional: [filling] }, { messages: [message()] }, "send 1 by k1"],
  ["what is made is sent", { optional: [filled] }, {}, "send part 7 by k1"],
  ["text goes first", { optional: [filled] }, { messages: [message()] }, "send 1 by k1"],
  ["so does what is not planned yet", { optional: [filled] }, { pending: [head()] }, "plan g1"],
  [
    "text that backs off is waited for",
    { optional: [filled] },
    { messages: [message({ notBeforeAt: noon + 700 })] },
    "rest 700",
  ],
  [
    "a group that waits for others to merge is not",
    { optional: [filled] },
    { pending: [head({ readyAt: noon + 20_000 })] },
    "send part 7 by k1",
  ],
  ["one is made at a time", { optional: [{ ...wanted, id: 6 }, filling] }, {}, "rest 29000"],
  [
    "and what is made is sent before the next is made",
    { optional: [{ ...wanted, id: 6 }, filled] },
    {},
    "send part 7 by k1",
  ],
  [
    "for half a second after an answer none is made: a storm begins so",
    { optional: [wanted] },
    { attempts: lately },
    "rest 300",
  ],
  ["nor sent", { optional: [filled] }, { attempts: lately }, "rest 300"],
  [
    "half of the window is left to text",
    { optional: [wanted] },
    { attempts: answeredAttempts(10, noon - 1_000) },
    "rest 29000",
  ],
  ["less than half may be taken", { optional: [wanted] }, { attempts: answeredAttempts(9, noon - 1_000) }, "fill 7"],
  [
    "so are the slots that are reserved for urgent groups and for a digest",
    { optional: [wanted], reserve: 8 },
    { attempts: answeredAttempts(7, noon - 1_000) },
    "rest 29000",
  ],
  ["a key that is off is for text only", { optional: [filled] }, { keys: [{ ...off, probeAt: noon }] }, "rest 29000"],
  ["so is one whose last request failed", { optional: [filled] }, { keys: [keyState({ failures: 1 })] }, "rest 29000"],
  [
    "the key of the text goes before one with more slots",
    { optional: [filled], keyIds: ["k2", "k1"] },
    { attempts: answeredAttempts(5, noon - 1_000) },
    "send part 7 by k1",
  ],
  [
    "another key sends it when that of the text is off",
    { optional: [filled], keyIds: ["k1", "k2"] },
    { keys: [off] },
    "send part 7 by k2",
  ],
  [
    "one that found no time is omitted, whatever waits",
    { optional: [{ id: 7, phase: { kind: "wanted", ...overdue } }] },
    { messages: [message()] },
    "omit 7 busy",
  ],
  ["so is one that is ready", { optional: [{ id: 7, phase: { kind: "filled", ...overdue } }] }, {}, "omit 7 busy"],
  [
    "one that is still being made is late",
    { optional: [{ id: 7, phase: { kind: "filling", ...overdue } }] },
    {},
    "omit 7 late",
  ],
];

describe("nextStep with optional parts", () => {
  for (const [rule, lane, work, expected] of optionalTable) {
    it(rule, () => assert.equal(brief(stepOf(work, lane)), expected));
  }
});
