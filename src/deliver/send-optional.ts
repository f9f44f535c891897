// Sends an optional part, once. It is marked like every request, so the window counts it, and nothing of it is stored: whatever happens,
// it is not sent again. If we die before the answer is recorded, its slot is counted from the next start.

import type { HeldLane } from "../outbox/store.ts";
import { judgeReply } from "../wecom/verdict.ts";
import { keyAfterOptional } from "./conclude.ts";
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
  const { deliveryId: delivery, body } = parts.filled(partId);
  const start = { messageId: null, keyId, startedAt: clock.now(), upload: false };
  const attemptId = await lane.begin(start).catch((cause: unknown) => {
    parts.end(partId, "interrupted");
    throw cause;
  });

  report({ kind: "attempted", bot: lane.bot });
  // As for text: a successor counted the attempt when it took over.
  const mayLeave = () => term !== null && outbox.term() === term;
  const reply = await options.robot.send(robotKeyOf(options, keyId), body, mayLeave);
  const answeredAt = clock.now();
  const { verdict, errcode, explanation } = judgeReply(reply);
  const { keyState } = request;
  const key = keyAfterOptional({ verdict, keyState, keyId, answeredAt, random: options.process.random() });
  const outcome = verdict.kind === "sent" ? verdict : ({ kind: "dead", reason: verdict.reason } as const);
  // Not awaited, as for text.
  lane
    .settle({ attemptId, messageId: null, answeredAt, outcome, errcode, key })
    .catch((cause: unknown) => report({ kind: "broken", bot: lane.bot, cause }));
  if (verdict.kind === "sent") report({ kind: "sent", bot: lane.bot, keyId, warning: verdict.warning });
  else {
    const { kind, reason } = verdict;
    const failed = { keyId, reason, errcode, explanation, tries: 1, outcome: "omitted", againAt: null } as const;
    report({ kind: "requestFailed", bot: lane.bot, delivery, ...failed, keyOff: kind === "keyOff" });
  }
  parts.end(partId, verdict.kind === "sent" ? "sent" : "refused");
}
