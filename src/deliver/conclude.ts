// What an answer of WeCom means for the message and for its key, and how long each waits. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { KeyState, MessageOutcome, StoredMessage } from "../outbox/store.ts";
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

type RetryVerdict = Extract<Verdict | UploadVerdict, { readonly kind: "retry" }>;

export function conclude(attempt: AnsweredAttempt): Conclusion {
  const { verdict } = attempt;
  switch (verdict.kind) {
    case "sent":
      return { outcome: { kind: "sent" }, key: { ...healthy(attempt), sentAt: attempt.answeredAt } };
    case "uploaded": {
      const { mediaId, lifeMs } = verdict;
      return { outcome: { kind: "uploaded", mediaId, expiresAt: attempt.answeredAt + lifeMs }, key: healthy(attempt) };
    }
    case "repair":
      return { outcome: repaired(attempt, verdict.repair, verdict.reason), key: healthy(attempt) };
    case "hold":
      return held(attempt, attempt.answeredAt + verdict.holdMs);
    case "retry":
      return retried(attempt, verdict);
    case "keyOff":
      return switchedOff(attempt, verdict.reason);
  }
}

/**
 * What the answer to an optional part means for its key; null leaves the key as it is. When the request itself failed, text may still
 * succeed, and does not wait because of a picture.
 */
export function keyAfterOptional(request: AnsweredRequest): KeyState | null {
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

/** Any answer about the message itself proves that the key works. */
function healthy({ keyId, keyState }: AnsweredRequest): KeyState {
  return { keyId, holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: keyState?.sentAt ?? 0 };
}

function again(reason: FailureReason, notBeforeAt: number, inDoubt: boolean): MessageOutcome {
  return { kind: "again", notBeforeAt, reason, inDoubt };
}

/** The key waits, not the message: another key may send it at once. */
function held(attempt: AnsweredAttempt, holdUntilAt: number): Conclusion {
  return {
    outcome: again("rateLimited", attempt.answeredAt, false),
    key: { ...healthy(attempt), holdUntilAt },
  };
}

/**
 * The key waits as well as the message: the network or WeCom fails, so the next message would fail too. Meanwhile notifications that
 * are not planned yet can still merge.
 */
function retried(attempt: AnsweredAttempt, failed: RetryVerdict): Conclusion {
  const { answeredAt, message, random } = attempt;
  const key = failedKey(attempt, failed.quickTries);
  const alone = messageBackoffMs(Math.max(1, message.tries + 1 - failed.quickTries), random);
  const notBeforeAt = Math.max(key.holdUntilAt, answeredAt + alone);
  return { outcome: again(failed.reason, notBeforeAt, failed.inDoubt), key };
}

/** A key that is off stays off: only a readable answer can prove that it works again. */
function failedKey(attempt: AnsweredAttempt, quickTries: number): KeyState {
  const { keyState, answeredAt, random } = attempt;
  const failures = (keyState?.failures ?? 0) + 1;
  if (keyState !== null && keyState.offReason !== null) {
    return { ...keyState, failures, probeAt: answeredAt + probeDelayMs(failures) };
  }
  return { ...healthy(attempt), holdUntilAt: answeredAt + keyBackoffMs(failures, quickTries, random), failures };
}

/** The message itself is fine: another key may send it at once. */
function switchedOff(attempt: AnsweredAttempt, reason: FailureReason): Conclusion {
  return { outcome: again(reason, attempt.answeredAt, false), key: keyOff(attempt, reason) };
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
