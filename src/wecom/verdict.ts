// What WeCom's answer, or its absence, means: one reply in, one verdict out. It decides nothing about when and how often;
// that is deliver's.

import type { FailureReason } from "../domain/reason.ts";
import { maskSecrets } from "../observe/mask.ts";
import { type Refusal, rowOf } from "./errcode.ts";
import { rateLimitedHoldMs } from "./limits.ts";

export type { Repair } from "./errcode.ts";

export type Reply =
  /** At most the first 8 kB of the body are kept. */
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /** `before`: the request never left, so it can not have been delivered. `after`: nobody knows. `code` names the fault, or is UNKNOWN, and holds no address. */
  | { readonly kind: "failed"; readonly stage: "before" | "after"; readonly code: string };

export type Verdict =
  /** Delivered. A warning says that WeCom met a field of the wrong JSON type. */
  { readonly kind: "sent"; readonly warning: string | null } | Refusal;

export interface Judgement {
  readonly verdict: Verdict;
  /** Null when there was no answer with an errcode. */
  readonly errcode: number | null;
  /** For logs and pages: WeCom's own words without hint, caller's IP and key, or what went wrong instead. At most 200 characters. */
  readonly explanation: string;
}

/** Enough for a restart or a change of route on the way; then it is an outage, and calm. */
const transportTries = 5;
/** A captive portal or a proxy's page does not go away quickly. */
const unreadableTries = 3;

const explanationMax = 200;

export function judge(reply: Reply): Judgement {
  if (reply.kind === "failed") return unanswered(ofFailure(reply.stage, reply.code), `no answer: ${reply.code}`);
  if (reply.status !== 200) return unanswered(ofStatus(reply.status), `HTTP ${reply.status}`);
  const answer = readAnswer(reply.body);
  if (answer === null)
    return unanswered(again("unreadableAnswer", unreadableTries, true), "HTTP 200 without an errcode");
  const { errcode, errmsg } = answer;
  const explanation = firstCharacters(maskSecrets(withoutHint(errmsg)), explanationMax);
  return { verdict: errcode === 0 ? sent(explanation) : refusal(errcode, errmsg), errcode, explanation };
}

function unanswered(verdict: Verdict, explanation: string): Judgement {
  return { verdict, errcode: null, explanation };
}

function again(reason: FailureReason, quickTries: number, inDoubt: boolean): Verdict {
  return { kind: "retry", reason, quickTries, inDoubt };
}

function ofFailure(stage: "before" | "after", code: string): Verdict {
  return again(reasonOf(stage, code), transportTries, stage === "after");
}

/** A time-out on the way to a connection is the network's fault; one after that is WeCom's. */
function reasonOf(stage: "before" | "after", code: string): FailureReason {
  if (code === "UNKNOWN") return "other";
  if (code === "PROXY_REFUSED_407") return "authError";
  return stage === "after" && /TIMEOUT|TIMEDOUT/.test(code) ? "contextDeadlineExceeded" : "connectionError";
}

/** A robot answers 200 to everything; another status comes from something between. */
function ofStatus(status: number): Verdict {
  if (status === 429) return { kind: "hold", reason: "rateLimited", holdMs: rateLimitedHoldMs };
  if (status >= 500) return again("serverError", transportTries, true);
  // 408 and 425: the request was not taken.
  if (status === 408 || status === 425) return again("clientError", transportTries, false);
  if (status >= 300) return { kind: "keyOff", reason: "wrongAddress" };
  return again("unreadableAnswer", unreadableTries, true);
}

/** Tencent says that errmsg may change: errcode 0 alone is success, whatever stands beside it. */
function sent(explanation: string): Verdict {
  return { kind: "sent", warning: /warning/i.test(explanation) ? explanation : null };
}

function refusal(errcode: number, errmsg: string): Verdict {
  return rowOf(errcode, errmsg)?.verdict ?? { kind: "repair", reason: "unknownErrcode", repair: "plain" };
}

function readAnswer(body: string): { readonly errcode: number; readonly errmsg: string } | null {
  const answer = parsed(body);
  if (typeof answer !== "object" || answer === null || !("errcode" in answer)) return null;
  if (typeof answer.errcode !== "number" || !Number.isInteger(answer.errcode)) return null;
  return {
    errcode: answer.errcode,
    errmsg: "errmsg" in answer && typeof answer.errmsg === "string" ? answer.errmsg : "",
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** WeCom appends `, hint: […], from ip: <ours>, more info at …`; the hint changes with every answer and the IP is nobody's business. */
function withoutHint(errmsg: string): string {
  return errmsg.replace(/[,\s]*\b(?:hint:|from ip:|more info at).*$/is, "").trim();
}

/** Never cuts a code point. */
function firstCharacters(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join("")}…`;
}
