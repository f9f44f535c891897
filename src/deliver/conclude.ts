// What an answer of WeCom means for the message and for its key: verdict in, settlement out. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { KeyState, MessageOutcome, StoredMessage } from "../outbox/store.ts";
import type { Repair } from "../wecom/errcode.ts";
import type { UploadVerdict } from "../wecom/upload.ts";
import type { Verdict } from "../wecom/verdict.ts";
import { keyBackoffMs, messageBackoffMs, probeDelayMs } from "./backoff.ts";

/** After a repair and a plain text were both refused, another body would be refused as well. */
const maxRepairs = 2;

export interface Conclusion {
  readonly outcome: MessageOutcome;
  readonly key: KeyState;
}

export interface AnsweredAttempt {
  readonly verdict: Verdict | UploadVerdict;
  readonly message: StoredMessage;
  /** Null for a key that was never refused. */
  readonly keyState: KeyState | null;
  readonly keyId: string;
  readonly answeredAt: number;
  /** In [0, 1). */
  readonly random: number;
  /** Bodies that say the same in a form WeCom may take, or null when there is none. */
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
}

export function conclude(attempt: AnsweredAttempt): Conclusion {
  const { verdict, keyId } = attempt;
  switch (verdict.kind) {
    case "sent":
      return { outcome: { kind: "sent" }, key: healthy(keyId) };
    case "uploaded": {
      const { mediaId, lifeMs } = verdict;
      return { outcome: { kind: "uploaded", mediaId, expiresAt: attempt.answeredAt + lifeMs }, key: healthy(keyId) };
    }
    case "repair":
      return { outcome: repaired(attempt, verdict.repair, verdict.reason), key: healthy(keyId) };
    case "hold":
      return held(attempt, attempt.answeredAt + verdict.holdMs);
    case "retry":
      return retried(attempt, verdict);
    case "keyOff":
      return switchedOff(attempt, verdict.reason);
  }
}

/** Any answer about the message itself proves that the key works. */
function healthy(keyId: string): KeyState {
  return { keyId, holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0 };
}

function again(reason: FailureReason, notBeforeAt: number, inDoubt: boolean): MessageOutcome {
  return { kind: "again", notBeforeAt, reason, inDoubt };
}

/** The key rests, not the message: another key may carry it at once. */
function held(attempt: AnsweredAttempt, holdUntilAt: number): Conclusion {
  return {
    outcome: again("rateLimited", attempt.answeredAt, false),
    key: { ...healthy(attempt.keyId), holdUntilAt },
  };
}

/**
 * The key rests as well as the message: what fails here is the way or the far side, so the next message would fail too,
 * and whatever is not materialised yet stays free to merge.
 */
function retried(attempt: AnsweredAttempt, verdict: Extract<Verdict, { readonly kind: "retry" }>): Conclusion {
  const { answeredAt, message, random } = attempt;
  const key = restedKey(attempt, verdict.quickTries);
  const alone = messageBackoffMs(Math.max(1, message.tries + 1 - verdict.quickTries), random);
  const notBeforeAt = Math.max(key.holdUntilAt, answeredAt + alone);
  return { outcome: again(verdict.reason, notBeforeAt, verdict.inDoubt), key };
}

/** A key that is off stays off: only a readable answer can prove that it works again. */
function restedKey({ keyState, keyId, answeredAt, random }: AnsweredAttempt, quickTries: number): KeyState {
  const failures = (keyState?.failures ?? 0) + 1;
  if (keyState !== null && keyState.offReason !== null) {
    return { ...keyState, failures, probeAt: answeredAt + probeDelayMs(failures) };
  }
  return { ...healthy(keyId), holdUntilAt: answeredAt + keyBackoffMs(failures, quickTries, random), failures };
}

/** The message is as good as before: another key may carry it at once. */
function switchedOff(attempt: AnsweredAttempt, reason: FailureReason): Conclusion {
  const wasOff = attempt.keyState !== null && attempt.keyState.offReason !== null;
  const failures = wasOff ? (attempt.keyState?.failures ?? 0) + 1 : 1;
  const probeAt = attempt.answeredAt + probeDelayMs(failures);
  return {
    outcome: again(reason, attempt.answeredAt, false),
    key: { keyId: attempt.keyId, holdUntilAt: 0, offReason: reason, probeAt, failures },
  };
}

/** The repair its refusal asks for, once; then plain text, once; then the body is kept as dead. */
function repaired(attempt: AnsweredAttempt, repair: Repair, reason: FailureReason): MessageOutcome {
  const { message } = attempt;
  if (repair === "media" && message.mediaHash !== null && message.repairs === 0) return { kind: "reupload", reason };
  const wanted: readonly Repair[] = message.repairs === 0 ? [repair, "plain"] : ["plain"];
  for (const kind of message.repairs < maxRepairs ? wanted : []) {
    const bodies = attempt.repair(message.body, kind);
    if (bodies !== null && bodies.length > 0) return { kind: "replaced", bodies, reason };
  }
  return { kind: "dead", reason };
}
