// Sends an optional part, once. It is marked like every request, so the window counts it, and nothing of it is stored: whatever happens,
// it is not sent again. If we die before the answer is recorded, its slot is counted from the next start.

import type { OptionalResult } from "../domain/optional-part.ts";
import type { HeldLane } from "../outbox/lane.ts";
import { judgeReply, type Reply, type Verdict } from "../wecom/verdict.ts";
import { keyAfterAnswer } from "./conclude.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { OptionalParts } from "./optional-parts.ts";
import type { SendOptionalStep } from "./optional-step.ts";
import { robotKeyOf } from "./send.ts";

export interface OptionalRequest extends SendOptionalStep {
  readonly parts: OptionalParts;
}

export async function sendOptional(options: LaneOptions, lane: HeldLane, request: OptionalRequest): Promise<void> {
  const { outbox, clock, report } = options.process;
  const { parts, partId, keyId } = request;
  const term = outbox.term();
  const { deliveryId, body, givenUp } = parts.leaves(partId);
  const start = { messageId: null, keyId, startedAt: clock.now(), upload: false };
  const attemptId = await lane.begin(start).catch((cause: unknown) => {
    parts.end(partId, "interrupted");
    throw cause;
  });

  report({ kind: "attempted", bot: lane.bot });
  // As for text: a successor counted the attempt when it took over.
  const mayLeave = () => term !== null && outbox.term() === term;
  const reply = await options.robot.send(robotKeyOf(options, keyId), body, { mayLeave, givenUp });
  const answeredAt = clock.now();
  const { verdict, errcode, explanation } = judgeReply(reply);
  const answered = { verdict, keyState: request.keyState, keyId, answeredAt };
  const outcome = verdict.kind === "sent" ? verdict : ({ kind: "dead", reason: verdict.reason } as const);
  // Not awaited, as for text.
  lane
    .settle({ attemptId, messageId: null, answeredAt, outcome, errcode, key: keyAfterAnswer(answered) })
    .catch((cause: unknown) => report({ kind: "broken", bot: lane.bot, cause }));
  const result = resultOf(reply, verdict);
  if (verdict.kind === "sent") report({ kind: "sent", bot: lane.bot, keyId, warning: verdict.warning });
  else if (result === "refused") {
    const failed = { keyId, reason: verdict.reason, errcode, explanation, tries: 1, outcome: "omitted" } as const;
    const keyOff = verdict.kind === "keyOff";
    report({ kind: "requestFailed", bot: lane.bot, delivery: deliveryId, ...failed, againAt: null, keyOff });
  }
  parts.end(partId, result);
}

function resultOf(reply: Reply, verdict: Verdict): OptionalResult {
  if (verdict.kind === "sent") return "sent";
  if (reply.kind === "answered") return "refused";
  if (reply.code === "WITHHELD") return "interrupted";
  return reply.code === "GIVEN_UP" ? "busy" : "refused";
}
