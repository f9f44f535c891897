// What the server shall do with a request: answer, keep silent, or cut the connection. Joins the judgement with a fault.

import { type Answer, envelope, type Moment, type Verdict } from "./envelope.ts";
import type { FaultEffect } from "./faults.ts";

export type Reply =
  | { readonly kind: "answer"; readonly answer: Answer; readonly errcode: number | null; readonly delayMs: number }
  | { readonly kind: "hang"; readonly errcode: null }
  | { readonly kind: "reset"; readonly errcode: null };

export interface Judgement {
  readonly effect: FaultEffect;
  readonly verdict: Verdict;
  readonly moment: Moment;
}

export function judgedReply({ effect, verdict, moment }: Judgement): Reply {
  const { reply, delayMs } = effect;
  switch (reply.kind) {
    case "judged":
      return answer(envelope(verdict, moment), verdict.errcode, delayMs);
    case "verdict": {
      // A scripted success does not overrule a refusal.
      const spoken = reply.verdict.errcode === 0 && verdict.errcode !== 0 ? verdict : reply.verdict;
      return answer(envelope(spoken, moment), spoken.errcode, delayMs);
    }
    case "answer":
      return answer(reply.answer, null, delayMs);
    case "hang":
      return { kind: "hang", errcode: null };
    case "reset":
      return { kind: "reset", errcode: null };
  }
}

function answer(given: Answer, errcode: number | null, delayMs: number): Reply {
  return { kind: "answer", answer: given, errcode, delayMs };
}
