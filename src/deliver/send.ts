// Shell: one request to WeCom, marked before it leaves and recorded when its answer is there.

import type { Secret } from "../config/secret.ts";
import { LeaseLost } from "../outbox/errors.ts";
import type { LaneWork, Lease, Settlement, StoredMessage } from "../outbox/store.ts";
import { type JudgedUpload, judgeUpload } from "../wecom/upload.ts";
import { type JudgedReply, judgeReply, type Reply } from "../wecom/verdict.ts";
import { type Conclusion, conclude } from "./conclude.ts";
import type { LaneOptions } from "./lane-options.ts";

export interface Sending {
  readonly message: StoredMessage;
  readonly keyId: string;
  readonly work: LaneWork;
  /** False once the lease may have ended. */
  readonly stillHeld: () => boolean;
}

/**
 * Mark, send, record, in this order. Dying before the mark: nothing left the house. Dying between mark and record: the
 * message is found as in doubt and settled again, marked so. The other orders lose alerts or forget slots of the window.
 */
export async function send(
  options: LaneOptions,
  lease: Lease,
  sending: Sending & { readonly mediaId: string | null },
): Promise<void> {
  const { outbox, clock, report } = options;
  const { message, keyId, mediaId } = sending;
  const body = message.inDoubt ? options.markPossiblyRepeated(message.body) : message.body;

  const attemptId = await outbox.begin(lease, { messageId: message.id, keyId, startedAt: clock.now(), body });
  report({ kind: "attempted", bot: lease.bot });
  const key = keyOf(options, keyId);
  const text = mediaId === null ? body : options.withMediaId(body, mediaId);
  const reply = await whileHeld(sending, (mayLeave) => options.send(key, text, mayLeave));
  const answeredAt = clock.now();
  const attempt = { attemptId, messageId: message.id, answeredAt };
  if (reply === null) return takeBack(options, lease, attempt);

  const judgement = judgeReply(reply);
  const conclusion = concludeOn(options, { ...sending, message: { ...message, body }, judgement, answeredAt });
  const settled = await outbox.settle(lease, { ...attempt, ...conclusion });
  reportAnswer(options, { bot: lease.bot, keyId, message, judgement, conclusion });
  if (settled !== null) report({ kind: "delivered", bot: lease.bot, delivery: settled, settledAt: answeredAt });
}

/** An upload takes a slot like a message until it is known that WeCom does not count it. */
export async function upload(
  options: LaneOptions,
  lease: Lease,
  sending: Sending & { readonly mediaHash: string },
): Promise<void> {
  const { outbox, clock, report } = options;
  const { message, keyId, mediaHash } = sending;
  const media = await outbox.media(lease, mediaHash);

  const attemptId = await outbox.beginUpload(lease, { messageId: message.id, keyId, startedAt: clock.now() });
  report({ kind: "attempted", bot: lease.bot });
  const key = keyOf(options, keyId);
  const reply = await whileHeld(sending, (mayLeave) => options.upload(key, media, mayLeave));
  const answeredAt = clock.now();
  const attempt = { attemptId, messageId: message.id, answeredAt };
  if (reply === null) return takeBack(options, lease, attempt);

  const judgement = judgeUpload(reply);
  const conclusion = concludeOn(options, { ...sending, judgement, answeredAt });
  const settled = await outbox.settle(lease, { ...attempt, ...conclusion });
  reportAnswer(options, { bot: lease.bot, keyId, message, judgement, conclusion });
  if (settled !== null) report({ kind: "delivered", bot: lease.bot, delivery: settled, settledAt: answeredAt });
}

/**
 * Who was paused between mark and request may have a successor by now, who counted the attempt when it found it: a request
 * that leaves after that would be one more than the window knows, and tell what was settled. Null: it did not leave.
 */
async function whileHeld(
  { stillHeld }: Sending,
  request: (mayLeave: () => boolean) => Promise<Reply>,
): Promise<Reply | null> {
  let withheld = false;
  const reply = await request(() => {
    withheld = !stillHeld();
    return !withheld;
  });
  return withheld ? null : reply;
}

/** What did not leave is not in doubt. Should the lease be lost, only the attempt is settled by this, and the successor has the message. */
async function takeBack(
  { outbox }: LaneOptions,
  lease: Lease,
  attempt: Pick<Settlement, "attemptId" | "messageId" | "answeredAt">,
): Promise<never> {
  const notBeforeAt = attempt.answeredAt;
  const outcome = { kind: "again", notBeforeAt, reason: "connectionError", inDoubt: false } as const;
  await outbox.settle(lease, { ...attempt, outcome, key: null });
  throw new LeaseLost(lease.bot);
}

function keyOf({ keys, bot }: LaneOptions, keyId: string): Secret {
  const key = keys.find((candidate) => candidate.id === keyId);
  if (key === undefined) throw new Error(`bot ${bot} has no key ${keyId}`);
  return key;
}

interface Answer extends Omit<Sending, "stillHeld"> {
  readonly judgement: JudgedReply | JudgedUpload;
  readonly answeredAt: number;
}

function concludeOn(options: LaneOptions, { message, keyId, work, judgement, answeredAt }: Answer): Conclusion {
  return conclude({
    verdict: judgement.verdict,
    message,
    keyId,
    keyState: work.keys.find((state) => state.keyId === keyId) ?? null,
    answeredAt,
    random: options.random(),
    repair: options.repair,
  });
}

interface Reported {
  readonly bot: string;
  readonly keyId: string;
  readonly message: StoredMessage;
  readonly judgement: JudgedReply | JudgedUpload;
  readonly conclusion: Conclusion;
}

function reportAnswer({ report, keys }: LaneOptions, { bot, keyId, message, judgement, conclusion }: Reported): void {
  const { verdict, errcode, explanation } = judgement;
  const { outcome, key } = conclusion;
  // A bot of several keys may try with another at once.
  const rests = keys.length > 1 ? 0 : Math.max(key.holdUntilAt, key.probeAt);
  if (verdict.kind === "sent" || verdict.kind === "uploaded") {
    report({ kind: "sent", bot, keyId, warning: verdict.kind === "sent" ? verdict.warning : null });
    return;
  }
  if (outcome.kind === "sent" || outcome.kind === "uploaded") return;
  report({
    kind: "refused",
    bot,
    keyId,
    reason: verdict.reason,
    errcode,
    explanation,
    tries: message.tries + 1,
    outcome: outcome.kind,
    againAt: outcome.kind === "again" ? Math.max(outcome.notBeforeAt, rests) : null,
    keyOff: verdict.kind === "keyOff",
  });
}
