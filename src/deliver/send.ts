import type { Secret } from "../config/secret.ts";
import type { HeldLane, SettledDelivery } from "../outbox/lane.ts";
import type { RequestGuard } from "../wecom/exchange.ts";
import {
  type JudgedReply,
  judgeReply,
  judgeUpload,
  type Reply,
  type UploadVerdict,
  type Verdict,
} from "../wecom/verdict.ts";
import { type Conclusion, conclude } from "./conclude.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneRequest, SendStep, UploadStep } from "./next-step.ts";

/** A request that has ended. */
export interface Answered {
  readonly answeredAt: number;
  /** Resolves when the answer is on disk, with its delivery if no part of it is open any more. The lane goes on before. */
  readonly settled: Promise<SettledDelivery | null>;
}

/**
 * Mark, send, record, in this order. If we die before the mark, nothing was sent. If we die between mark and record, the message is
 * found in doubt and sent again with a mark that says so. Any other order loses alerts or slots of the window.
 */
export async function send(options: LaneOptions, lane: HeldLane, request: SendStep): Promise<Answered> {
  const { markPossiblyRepeated, withMediaId } = options.bodies;
  const { message, keyId, mediaId } = request;
  const body = message.inDoubt ? markPossiblyRepeated(message.body) : message.body;
  const text = mediaId === null ? body : withMediaId(body, mediaId);
  const key = robotKeyOf(options, keyId);

  const { term, attemptId } = await mark(options, lane, request);
  return exchange(options, lane, {
    ...request,
    term,
    attemptId,
    ask: (guard) => options.robot.send(key, text, guard),
    judge: judgeReply,
  });
}

/** It is not known whether WeCom counts uploads, so an upload takes a slot like a message. */
export async function upload(options: LaneOptions, lane: HeldLane, request: UploadStep): Promise<Answered> {
  const media = await lane.media(request.mediaHash);
  const key = robotKeyOf(options, request.keyId);

  const { term, attemptId } = await mark(options, lane, request);
  return exchange(options, lane, {
    ...request,
    term,
    attemptId,
    ask: (guard) => options.robot.upload(key, media, guard),
    judge: judgeUpload,
  });
}

async function mark({ process }: LaneOptions, lane: HeldLane, { kind, message, keyId }: SendStep | UploadStep) {
  const term = process.outbox.term();
  const start = { messageId: message.id, keyId, startedAt: process.clock.now(), upload: kind === "upload" };
  return { term, attemptId: await lane.begin(start) };
}

interface BegunRequest extends LaneRequest {
  /** Of the outbox, before the mark. */
  readonly term: number | null;
  readonly attemptId: number;
  readonly ask: (guard: RequestGuard) => Promise<Reply>;
  readonly judge: (reply: Reply) => JudgedReply<Verdict | UploadVerdict>;
}

/**
 * A holder that was paused between mark and request may have a successor, which counted the attempt when it took over. A request
 * that leaves after that would be one more than the window has, and would repeat what was settled. So it does not leave, even if a
 * heartbeat has renewed the lease meanwhile.
 */
async function exchange(options: LaneOptions, lane: HeldLane, request: BegunRequest): Promise<Answered> {
  const { outbox, clock, report, random } = options.process;
  const { term, attemptId, message, keyId, keyState } = request;
  report({ kind: "attempted", bot: lane.bot });
  let isWithheld = false;
  const mayLeave = () => {
    isWithheld = term === null || outbox.term() !== term;
    return !isWithheld;
  };
  const reply = await request.ask({ mayLeave, givenUp: null });
  const answeredAt = clock.now();
  const attempt = { attemptId, messageId: message.id, answeredAt };
  if (isWithheld) {
    // Not in doubt, since it did not leave. If there is a successor, this settles the attempt only, and the successor has the message.
    const outcome = { kind: "again", notBeforeAt: answeredAt, reason: "connectionError", inDoubt: false } as const;
    const settled = lane.settle({ ...attempt, outcome, errcode: null, key: null });
    await settled;
    return { answeredAt, settled };
  }
  const judgement = request.judge(reply);
  const conclusion = conclude({
    verdict: judgement.verdict,
    message,
    keyId,
    keyState,
    answeredAt,
    random: random(),
    repair: options.bodies.repair,
  });
  // Not awaited: the next mark of the lane cannot be on disk before this, and while the disk is away it is tried again.
  const { outcome, key } = conclusion;
  const settled = lane.settle({ ...attempt, outcome, errcode: judgement.errcode, key });
  reportAnswer(options, request, { judgement, conclusion });
  return { answeredAt, settled };
}

export function robotKeyOf({ settings }: LaneOptions, keyId: string): Secret {
  const key = settings.keys.find((candidate) => candidate.id === keyId);
  if (key === undefined) throw new Error(`bot ${settings.bot} has no key ${keyId}`);
  return key;
}

interface ConcludedAnswer {
  readonly judgement: JudgedReply<Verdict | UploadVerdict>;
  readonly conclusion: Conclusion;
}

function reportAnswer(
  { process: { report }, settings: { bot, keys } }: LaneOptions,
  { message, keyId, keyState }: LaneRequest,
  { judgement, conclusion }: ConcludedAnswer,
): void {
  const { verdict, errcode, explanation } = judgement;
  const { outcome, key } = conclusion;
  if (keyState !== null && keyState.failures > 0 && key.failures === 0) {
    report({ kind: "recovered", bot, keyId, offReason: keyState.offReason, failures: keyState.failures });
  }
  // A bot of several keys may try with another at once.
  const keyWaitsUntilAt = keys.length > 1 ? 0 : Math.max(key.holdUntilAt, key.probeAt);
  if (verdict.kind === "sent" || verdict.kind === "uploaded") {
    report({ kind: "sent", bot, keyId, warning: verdict.kind === "sent" ? verdict.warning : null });
    return;
  }
  if (outcome.kind === "sent" || outcome.kind === "uploaded") return;
  report({
    kind: "requestFailed",
    bot,
    delivery: message.deliveryId,
    keyId,
    reason: verdict.reason,
    errcode,
    explanation,
    tries: message.tries + 1,
    outcome: outcome.kind,
    againAt: outcome.kind === "again" ? Math.max(outcome.notBeforeAt, keyWaitsUntilAt) : null,
    keyOff: verdict.kind === "keyOff",
  });
}

export type TakeKeyTurn = <T>(keyId: string, request: () => Promise<T>) => Promise<T>;

/**
 * One request at a time for each key. A lane makes one at a time itself, but a reload may move a key to another bot while the first
 * still waits for its answer. `request` must not reject.
 */
export function createKeyTurns(): TakeKeyTurn {
  const last = new Map<string, Promise<unknown>>();
  return (keyId, request) => {
    const turn = (last.get(keyId) ?? Promise.resolve()).then(request);
    last.set(keyId, turn);
    return turn;
  };
}
