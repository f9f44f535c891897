// Rules for whatever a sender says, in whatever encoding it says it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Notification } from "../../src/domain/notification.ts";
import { createIntake } from "../../src/intake.ts";
import { treeOf } from "../stages/route/samples.ts";
import { gb18030, hasGb18030 } from "../support/gb18030.ts";

const receivedAt = Date.UTC(2026, 10, 30, 4);
const takeIn = createIntake({
  route: treeOf({
    routes: [
      { match: "team=~.+", group: "per_alert" },
      { match: 'site!=""', group: "merge" },
    ],
  }),
  bots: new Map([["root", {}]]),
  timezone: "Asia/Shanghai",
  alertmanagers: new Map(),
});

function notificationsOf(bytes: Uint8Array, charset: string | null): readonly Notification[] {
  const taken = takeIn({ bytes, charset }, { kind: "route" }, receivedAt);
  assert.ok(taken.kind === "notifications", JSON.stringify(taken));
  return taken.notifications;
}

/** The common Chinese characters (GB 2312, level 1), punctuation, ASCII, and what needs four bytes in GB18030. */
const common = fc.oneof(
  fc.integer({ min: 0, max: 3754 }).map((index) => new TextDecoder("gb18030").decode(levelOne(index))),
  fc.constantFrom(...'，。：“”（）、℃α√① aZ09{}[]"\\\n,é한😀𠀀'),
);

function levelOne(index: number): Uint8Array {
  return Uint8Array.from([0xb0 + Math.floor(index / 94), 0xa1 + (index % 94)]);
}

/** A body with these texts wherever a text may be. */
const bodyOf = (unit: fc.Arbitrary<string>) => {
  const text = fc.string({ unit, maxLength: 12 });
  const labels = fc.dictionary(fc.constantFrom("alertname", "team", "site", "主机"), text, { noNullPrototype: true });
  const alert = fc.record({
    labels,
    annotations: fc.dictionary(text, text, { noNullPrototype: true }),
    status: fc.constantFrom("firing", "resolved"),
    startsAt: fc.constantFrom("2026-11-30 11:00:00", "2026-11-30T03:00:00Z", "", "昨天"),
  });
  return fc
    .record({
      receiver: text,
      groupKey: text,
      groupLabels: labels,
      alerts: fc.array(alert, { minLength: 1, maxLength: 4 }),
    })
    .map((body) => JSON.stringify(body));
};

const utf8 = (text: string) => new TextEncoder().encode(text);

function isUtf8(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes).indexOf("\uFFFD") === -1;
}

const any = fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter(hasGb18030);

test("what is said in UTF-8 or in declared GB18030 is the same notification", () => {
  fc.assert(
    fc.property(bodyOf(any), (body) => {
      const said = notificationsOf(utf8(body), null);

      assert.deepEqual(notificationsOf(utf8(body), "utf-8"), said);
      for (const charset of ["gb18030", "GBK"]) assert.deepEqual(notificationsOf(gb18030(body), charset), said);
    }),
  );
});

test("so is what is said in GB18030 without a word about it, unless its bytes are UTF-8 too", () => {
  fc.assert(
    fc.property(bodyOf(common), (body) => {
      fc.pre(!isUtf8(gb18030(body)));

      assert.deepEqual(notificationsOf(gb18030(body), null), notificationsOf(utf8(body), null));
    }),
    { numRuns: 1000 },
  );
});

test("a body read with losses has no dedup key, and shares no group with another one", () => {
  const noise = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => bytes.map((byte) => byte | 0x80));
  const groups = (bytes: Uint8Array) => {
    const notifications = notificationsOf(bytes, null).filter(({ routed }) => routed.group.lossyBody !== null);
    assert.ok(notifications.every(({ dedupKey }) => dedupKey === null));
    return notifications.map(({ groupId }) => groupId);
  };
  const withNoise = (body: string, bytes: Uint8Array) => {
    const head = utf8(body.slice(0, -1));
    return Uint8Array.from([...head, ...utf8(',"noise":"'), ...bytes, 0xff, ...utf8('"}')]);
  };

  fc.assert(
    fc.property(bodyOf(common), noise, noise, (body, one, other) => {
      fc.pre(Buffer.compare(one, other) !== 0);
      const [first, second] = [groups(withNoise(body, one)), groups(withNoise(body, other))];

      assert.ok(first.length > 0 && second.length > 0);
      assert.ok(first.every((groupId) => !second.includes(groupId)));
    }),
  );
});
