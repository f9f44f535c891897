// The answer as WeCom writes it: HTTP 200 for success and failure alike, errcode and errmsg in body and headers, and in a
// failure the hint, the caller's address and the query link. Shape seen in a live probe of 2026-10 (observed).
// What the server shall do with a request: answer, keep silent, or cut the connection. Joins the judgement with a fault.

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Verdict {
  readonly errcode: number;
  readonly errmsg: string;
  /** Further members of the body, as upload_media gives them. */
  readonly members?: Readonly<Record<string, string>>;
}

export interface Moment {
  readonly at: number;
  /** Makes each hint different, as the real one is. */
  readonly serial: number;
}

/** A documentation address (RFC 5737), so nobody's real one ends up in a fixture. */
const callerAddress = "203.0.113.7";

export function envelope(verdict: Verdict, moment: Moment): Answer {
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

function failureText({ errcode, errmsg }: Verdict, { at, serial }: Moment): string {
  const hint = `${Math.floor(at / 1000)}${String(serial).padStart(15, "0")}`;
  const link = `https://open.work.weixin.qq.com/devtool/query?e=${errcode}`;
  return `${errmsg}, hint: [${hint}], from ip: ${callerAddress}, more info at ${link}`;
}

export type FaultReply =
  | { readonly kind: "judged" }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" };

export interface FaultEffect {
  /** May the message be accepted when nothing else is wrong with it? */
  readonly keeps: boolean;
  readonly delayMs: number;
  readonly reply: FaultReply;
}

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
