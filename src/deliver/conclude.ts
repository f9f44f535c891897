// What an answer of WeCom means for the message and for its key, and how long each waits. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { KeyState, MessageOutcome, StoredMessage } from "../outbox/lane.ts";
import type { Repair } from "../wecom/errcode.ts";
import type { UploadVerdict, Verdict } from "../wecom/verdict.ts";

/** After WeCom rejected a repair and a plain text, it would reject another body too. */
const maxRepairs = 2;

export interface Conclusion {
  readonly outcome: MessageOutcome;
  readonly key: KeyState;
}

export interface AnsweredRequest {
  readonly verdict: Verdict | UploadVerdict;
  /** Null for a key without an answer so far. */
  readonly keyState: KeyState | null;
  readonly keyId: string;
  readonly answeredAt: number;
}

export interface AnsweredAttempt extends AnsweredRequest {
  /** In [0, 1). */
  readonly random: number;
  readonly message: StoredMessage;
  /** Bodies with the same content in a form that WeCom may accept; null when there is none. */
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
}

export function conclude(attempt: AnsweredAttempt): Conclusion {
  const key = keyAfterAnswer(attempt) ?? failedKey(attempt);
  return { outcome: outcomeOf(attempt, key), key };
}

/**
 * What an answer means for its key; null when the request itself failed. Then an optional part leaves the key as it is: text may still
 * succeed, and does not wait because of a picture.
 */
export function keyAfterAnswer(request: AnsweredRequest): KeyState | null {
  const { verdict, answeredAt } = request;
  switch (verdict.kind) {
    case "sent":
      return { ...healthy(request), sentAt: answeredAt };
    case "uploaded":
    case "repair":
      return healthy(request);
    case "hold":
      return { ...healthy(request), holdUntilAt: answeredAt + verdict.holdMs };
    case "keyOff":
      return keyOff(request, verdict.reason);
    case "retry":
      return null;
  }
}

function outcomeOf(attempt: AnsweredAttempt, key: KeyState): MessageOutcome {
  const { verdict, answeredAt, message, random } = attempt;
  switch (verdict.kind) {
    case "sent":
      return { kind: "sent" };
    case "uploaded":
      return { kind: "uploaded", mediaId: verdict.mediaId, expiresAt: answeredAt + verdict.lifeMs };
    case "repair":
      return repaired(attempt, verdict.repair, verdict.reason);
    // Here the key waits, not the message: another key may send it at once.
    case "hold":
      return { kind: "again", notBeforeAt: answeredAt, reason: "rateLimited", inDoubt: false };
    case "keyOff":
      return { kind: "again", notBeforeAt: answeredAt, reason: verdict.reason, inDoubt: false };
    // The key waits as well: the network or WeCom fails, so the next message would fail too. Meanwhile notifications can still merge.
    case "retry": {
      const alone = messageBackoffMs(Math.max(1, message.tries + 1 - verdict.quickTries), random);
      const notBeforeAt = Math.max(key.holdUntilAt, answeredAt + alone);
      return { kind: "again", notBeforeAt, reason: verdict.reason, inDoubt: verdict.inDoubt };
    }
  }
}

/** Any answer about the message itself proves that the key works. */
function healthy({ keyId, keyState }: AnsweredRequest): KeyState {
  return { keyId, holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: keyState?.sentAt ?? 0 };
}

/** A key that is off stays off: only a readable answer can prove that it works again. */
function failedKey(attempt: AnsweredAttempt): KeyState {
  const { keyState, answeredAt, random, verdict } = attempt;
  const quickTries = verdict.kind === "retry" ? verdict.quickTries : 0;
  const failures = (keyState?.failures ?? 0) + 1;
  if (keyState !== null && keyState.offReason !== null) {
    return { ...keyState, failures, probeAt: answeredAt + probeDelayMs(failures) };
  }
  return { ...healthy(attempt), holdUntilAt: answeredAt + keyBackoffMs(failures, quickTries, random), failures };
}

function keyOff(request: AnsweredRequest, reason: FailureReason): KeyState {
  const wasOff = request.keyState !== null && request.keyState.offReason !== null;
  const failures = wasOff ? (request.keyState?.failures ?? 0) + 1 : 1;
  const probeAt = request.answeredAt + probeDelayMs(failures);
  return { ...healthy(request), offReason: reason, probeAt, failures };
}

/** First the repair for this reason, then plain text, each once; then the message is dead. */
function repaired(attempt: AnsweredAttempt, repair: Repair, reason: FailureReason): MessageOutcome {
  const { message } = attempt;
  if (repair === "media" && message.mediaHash !== null && message.repairs === 0) return { kind: "reupload", reason };
  const repairs: readonly Repair[] = message.repairs === 0 ? [repair, "plain"] : ["plain"];
  for (const kind of message.repairs < maxRepairs ? repairs : []) {
    const bodies = attempt.repair(message.body, kind);
    if (bodies !== null && bodies.length > 0) return { kind: "replaced", bodies, reason };
  }
  return { kind: "dead", reason };
}

const firstBackoffMs = 1_000;

/** A message that fails alone waits at most this long; others are sent meanwhile. */
const messageMaxMs = 300_000;

/** A key whose requests all fail is tried at least this often: when the service is back, an urgent alert waits no longer than this. */
const keyMaxMs = 60_000;

/** A key that is off is tried after the first span, then after twice as long each time, up to the second: at most once a minute. */
const firstProbeMs = 60_000;
const probeMaxMs = 600_000;

/** Doubles with every failure; ± 50 % so that bots that failed together do not retry together. `random` is in [0, 1). */
function exponential(failures: number, maxMs: number, random: number): number {
  const grown = firstBackoffMs * 2 ** Math.min(failures, 30);
  return Math.round(Math.min(maxMs, grown) * (0.5 + random));
}

/** @param tries attempts of this message so far, at least 1 */
export function messageBackoffMs(tries: number, random: number): number {
  return exponential(tries - 1, messageMaxMs, random);
}

/**
 * @param failures failures of this key in a row, at least 1
 * @param quickTries how many of them are retried after the first delay: a busy answer (-1) gets three quick tries
 */
export function keyBackoffMs(failures: number, quickTries: number, random: number): number {
  return exponential(Math.max(0, failures - Math.max(1, quickTries)), keyMaxMs, random);
}

/** @param failures failures of this key in a row, at least 1; no jitter, so never more than one request a minute */
export function probeDelayMs(failures: number): number {
  return Math.min(probeMaxMs, firstProbeMs * 2 ** Math.min(failures - 1, 10));
}
