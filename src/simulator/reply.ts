// What the simulator does with a request: it answers, keeps silent, or resets the connection.

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RobotVerdict {
  readonly errcode: number;
  readonly errmsg: string;
  /** More members of the body; upload_media has them. */
  readonly members?: Readonly<Record<string, string>>;
}

interface ReplyMoment {
  readonly at: number;
  /** Makes each hint different, as in real answers. */
  readonly serial: number;
}

/** An address for documentation (RFC 5737), so that no real address gets into a fixture. */
const callerAddress = "203.0.113.7";

/**
 * The answer as WeCom writes it: HTTP 200 for success and failure, errcode and errmsg in body and headers; in a failure
 * also the hint, the caller's address and the query link. Seen in a live probe of 2026-10 (observed).
 */
export function envelope(verdict: RobotVerdict, moment: ReplyMoment): HttpAnswer {
  const { errcode } = verdict;
  const errmsg = errcode === 0 ? verdict.errmsg : failureText(verdict, moment);
  return {
    status: 200,
    headers: {
      "Content-Type": "application/json; charset=UTF-8",
      "Error-Code": String(errcode),
      "Error-Msg": errmsg.replace(/[^\x20-\x7e]/g, "?"),
      "X-W-No": String((moment.serial % 9) + 1),
    },
    body: JSON.stringify({ errcode, errmsg, ...verdict.members }),
  };
}

function failureText({ errcode, errmsg }: RobotVerdict, { at, serial }: ReplyMoment): string {
  const hint = `${Math.floor(at / 1000)}${String(serial).padStart(15, "0")}`;
  const link = `https://open.work.weixin.qq.com/devtool/query?e=${errcode}`;
  return `${errmsg}, hint: [${hint}], from ip: ${callerAddress}, more info at ${link}`;
}

export type FaultReply =
  | { readonly kind: "judged" }
  | { readonly kind: "verdict"; readonly verdict: RobotVerdict }
  | { readonly kind: "answer"; readonly answer: HttpAnswer }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" };

export interface FaultEffect {
  /** false: the message is lost even when it is valid. */
  readonly keepsMessage: boolean;
  readonly delayMs: number;
  readonly reply: FaultReply;
}

export type RobotReply =
  | { readonly kind: "answer"; readonly answer: HttpAnswer; readonly errcode: number | null; readonly delayMs: number }
  | { readonly kind: "hang"; readonly errcode: null }
  | { readonly kind: "reset"; readonly errcode: null };

interface ReplyParts {
  readonly effect: FaultEffect;
  readonly verdict: RobotVerdict;
  readonly moment: ReplyMoment;
}

export function robotReply({ effect, verdict, moment }: ReplyParts): RobotReply {
  const { reply, delayMs } = effect;
  switch (reply.kind) {
    case "judged":
      return answerReply(envelope(verdict, moment), verdict.errcode, delayMs);
    case "verdict": {
      // A scripted errcode 0 does not override a refusal.
      const effective = reply.verdict.errcode === 0 && verdict.errcode !== 0 ? verdict : reply.verdict;
      return answerReply(envelope(effective, moment), effective.errcode, delayMs);
    }
    case "answer":
      return answerReply(reply.answer, null, delayMs);
    case "hang":
      return { kind: "hang", errcode: null };
    case "reset":
      return { kind: "reset", errcode: null };
  }
}

function answerReply(answer: HttpAnswer, errcode: number | null, delayMs: number): RobotReply {
  return { kind: "answer", answer, errcode, delayMs };
}
