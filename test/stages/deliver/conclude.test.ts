import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AnsweredAttempt, conclude } from "../../../src/deliver/conclude.ts";
import { keyState, noon, waitingMessage } from "../../support/waiting.ts";

function concludeOf(attempt: Partial<AnsweredAttempt> & Pick<AnsweredAttempt, "verdict">) {
  return conclude({
    message: waitingMessage(),
    keyState: null,
    keyId: "k1",
    answeredAt: noon,
    random: 0.5,
    repair: (body, kind) => (kind === "media" ? null : [`${kind} of ${body}`]),
    ...attempt,
  });
}

const busy = { kind: "retry", reason: "busy", quickTries: 3, inDoubt: false } as const;
const timedOut = { kind: "retry", reason: "contextDeadlineExceeded", quickTries: 1, inDoubt: true } as const;
const dead = { kind: "keyOff", reason: "keyInvalid" } as const;
const tooLong = { kind: "repair", reason: "tooLong", repair: "split" } as const;

describe("conclude", () => {
  it("sent: done, and the key is up, whatever it was before", () => {
    const off = keyState({ offReason: "keyInvalid", probeAt: noon, failures: 4 });

    const { outcome, key } = concludeOf({ verdict: { kind: "sent", warning: null }, keyState: off });

    assert.deepEqual(outcome, { kind: "sent" });
    assert.deepEqual(key, keyState({ sentAt: noon }));
  });

  it("the last message that was sent stays known through failures, holds and rejections", () => {
    const sent = keyState({ sentAt: noon - 1 });

    const verdicts = [busy, dead, tooLong, { kind: "hold", reason: "rateLimited", holdMs: 1 }] as const;
    const keys = verdicts.map((verdict) => concludeOf({ verdict, keyState: sent }).key);

    assert.deepEqual(
      keys.map(({ sentAt }) => sentAt),
      verdicts.map(() => noon - 1),
    );
  });

  it("too often: the key is on hold as long as the verdict says; the message is not in doubt and may be sent with another key at once", () => {
    const { outcome, key } = concludeOf({ verdict: { kind: "hold", reason: "rateLimited", holdMs: 65_000 } });

    assert.deepEqual(outcome, { kind: "again", notBeforeAt: noon, reason: "rateLimited", inDoubt: false });
    assert.deepEqual(key, keyState({ holdUntilAt: noon + 65_000 }));
  });

  it("busy: the key and the message wait, and failures in a row are counted", () => {
    const { outcome, key } = concludeOf({ verdict: busy, keyState: keyState({ failures: 3 }) });

    assert.deepEqual(outcome, { kind: "again", notBeforeAt: noon + 2_000, reason: "busy", inDoubt: false });
    assert.deepEqual(key, keyState({ failures: 4, holdUntilAt: noon + 2_000 }));
  });

  it("no answer: again, and in doubt", () => {
    const { outcome } = concludeOf({ verdict: timedOut });

    assert.equal(outcome.kind === "again" && outcome.inDoubt, true);
  });

  it("a message that fails alone waits longer than its key, so that others are sent first", () => {
    const { outcome, key } = concludeOf({ verdict: timedOut, message: waitingMessage({ tries: 8 }) });

    assert.equal(outcome.kind === "again" && outcome.notBeforeAt > key.holdUntilAt, true);
  });

  it("a dead key is switched off and probed after a minute, then less and less often", () => {
    const first = concludeOf({ verdict: dead });
    const second = concludeOf({ verdict: dead, keyState: first.key });

    assert.deepEqual(first.key, keyState({ offReason: "keyInvalid", probeAt: noon + 60_000, failures: 1 }));
    assert.deepEqual(second.key, keyState({ offReason: "keyInvalid", probeAt: noon + 120_000, failures: 2 }));
  });

  it("a message sent with a dead key is not lost, and may be sent with another key at once", () => {
    const { outcome } = concludeOf({ verdict: dead });

    assert.deepEqual(outcome, { kind: "again", notBeforeAt: noon, reason: "keyInvalid", inDoubt: false });
  });

  it("a network failure does not switch a dead key on again", () => {
    const off = keyState({ offReason: "keyInvalid", probeAt: noon, failures: 1 });

    const { key } = concludeOf({ verdict: timedOut, keyState: off });

    assert.equal(key.offReason, "keyInvalid");
    assert.equal(key.probeAt, noon + 120_000);
  });

  const repairs: readonly [string, number, string][] = [
    ["the first refusal asks for its own repair", 0, "split"],
    ["the second falls back to plain text", 1, "plain"],
  ];
  for (const [rule, count, expected] of repairs) {
    it(rule, () => {
      const { outcome } = concludeOf({ verdict: tooLong, message: waitingMessage({ repairs: count, body: "b" }) });

      assert.deepEqual(outcome, { kind: "replaced", bodies: [`${expected} of b`], reason: "tooLong" });
    });
  }

  it("without such a repair, plain text is used", () => {
    const verdict = { kind: "repair", reason: "badMedia", repair: "media" } as const;

    const { outcome } = concludeOf({ verdict, message: waitingMessage({ body: "b" }) });

    assert.deepEqual(outcome, { kind: "replaced", bodies: ["plain of b"], reason: "badMedia" });
  });

  it("after both were refused the body is dead, with its reason", () => {
    const { outcome, key } = concludeOf({ verdict: tooLong, message: waitingMessage({ repairs: 2 }) });

    assert.deepEqual(outcome, { kind: "dead", reason: "tooLong" });
    assert.deepEqual(key, keyState());
  });
});
