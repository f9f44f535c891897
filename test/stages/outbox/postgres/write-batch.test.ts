// One statement writes no row twice, and folds what a lane writes one after the other.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type HeldChange,
  type LaneChange,
  type LaneFacts,
  noChange,
  noFacts,
} from "../../../../src/outbox/lane-change.ts";
import { batchesOf } from "../../../../src/outbox/postgres/write-batch.ts";
import type { AttemptRow, MessageRow } from "../../../../src/outbox/rows.ts";

function change(
  bot: string,
  version: number,
  held: Partial<HeldChange> = {},
  facts: Partial<LaneFacts> = {},
): LaneChange {
  return {
    bot,
    facts: { ...noFacts, ...facts },
    held: { ...noChange, version, nextVersion: version + 1, ...held },
  };
}

function fact(bot: string, facts: Partial<LaneFacts>): LaneChange {
  return { bot, facts: { ...noFacts, ...facts }, held: null };
}

function mark(key_id: string, message_id: number): Partial<HeldChange> {
  const attempt: AttemptRow = {
    id: message_id + 100,
    key_id,
    bot: "a",
    message_id,
    upload: 0,
    started_at: 1,
    answered_at: null,
    outcome: null,
  };
  return { mark: { attempt, keyVersion: 0, window: { slots: 20, spanMs: 60_000, longestRequestMs: 1 } } };
}

const message = (id: number) => ({ id, in_doubt: 0 }) as MessageRow;

const key = { key_id: "k", hold_until_at: 0, off_reason: null, probe_at: 0, failures: 1, sent_at: 0 };

/** Places of the changes in each statement. */
const places = (changes: readonly LaneChange[]) => batchesOf(changes).map((batch) => batch.changes.map(({ n }) => n));

describe("changes of many lanes", () => {
  const cases: readonly (readonly [string, readonly LaneChange[], readonly (readonly number[])[]])[] = [
    ["different lanes share a statement", [change("a", 3), change("b", 7), fact("c", { sent: [1] })], [[0, 1, 2]]],
    ["following versions share one", [change("a", 3), change("b", 1), change("a", 4), change("a", 5)], [[0, 1, 2, 3]]],
    ["a version that does not follow comes later", [change("a", 3), change("a", 3), change("a", 4)], [[0], [1, 2]]],
    ["a second mark of a key comes later", [change("a", 1, mark("k", 1)), change("b", 1, mark("k", 2))], [[0], [1]]],
    [
      "so does all that its lane writes after it, and only that",
      [change("a", 1, mark("k", 1)), change("b", 1, mark("k", 2)), change("b", 2), change("c", 1)],
      [
        [0, 3],
        [1, 2],
      ],
    ],
    [
      "a message that is written again comes later",
      [change("a", 1, { newMessages: [message(1)] }), change("a", 2, { changedMessages: [message(1)] })],
      [[0], [1]],
    ],
    [
      "one that a change doubts and writes does not",
      [change("a", 1, { changedMessages: [message(1)] }, { doubted: [1] })],
      [[0]],
    ],
    [
      "a message is begun with its plan",
      [change("a", 1, { newMessages: [message(1)] }), change("a", 2, mark("k", 1))],
      [[0, 1]],
    ],
    ["one that was sent before is begun later", [fact("a", { sent: [1] }), change("a", 1, mark("k", 1))], [[0], [1]]],
    [
      "a key's state that is written again comes later",
      [change("a", 1, { keys: [key] }), change("b", 1, { keys: [key] })],
      [[0], [1]],
    ],
    [
      "an attempt that is answered again comes later",
      [1, 2].map((answeredAt) => fact("a", { answered: [{ id: 9, answeredAt, outcome: "sent" }] })),
      [[0], [1]],
    ],
  ];
  for (const [what, changes, expected] of cases) {
    it(what, () => assert.deepEqual(places(changes), expected));
  }

  it("a lane moves from the first version to the last one, and its instants to the latest", () => {
    const [batch] = batchesOf([change("a", 3, { normalAt: 5 }), change("a", 4, { urgentAt: 7 }), change("a", 5)]);

    assert.deepEqual(batch?.lanes, [{ bot: "a", version: 3, next_version: 6, normal_at: 5, urgent_at: 7 }]);
  });
});
