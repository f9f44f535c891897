// What an answer of WeCom means, or that there was none. When and how often to send again is decided in deliver.

import type { FailureReason } from "../domain/reason.ts";
import { maskSecrets } from "../observe/mask.ts";
import { type FailedVerdict, retry, rowOf } from "./errcode.ts";
import { mediaLifeMs, rateLimitedHoldMs } from "./limits.ts";

export type Reply =
  /** At most the first 8 kB of the body. */
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /**
   * `before`: the request did not leave, so it was not delivered. `after`: it may have been delivered. `code` is an error code or
   * UNKNOWN, and holds no address.
   */
  | { readonly kind: "failed"; readonly stage: "before" | "after"; readonly code: string };

export type Verdict =
  /** Delivered. WeCom warns of a field with the wrong JSON type. */
  { readonly kind: "sent"; readonly warning: string | null } | FailedVerdict;

export type UploadVerdict =
  /** Valid for `lifeMs`, and only for the key that uploaded it. */
  { readonly kind: "uploaded"; readonly mediaId: string; readonly lifeMs: number } | FailedVerdict;

export interface JudgedReply<V = Verdict> {
  readonly verdict: V;
  /** Null when there was no answer with an errcode. */
  readonly errcode: number | null;
  /** For logs and pages: the errmsg without hint, caller's IP and key, or what went wrong instead. At most 200 characters. */
  readonly explanation: string;
}

/** Enough for a restart or a change of route on the way; after that it is an outage, and tries are slow. */
const transportTries = 5;
/** A captive portal or the page of a proxy does not disappear quickly. */
const unreadableTries = 3;

const explanationMax = 200;

export function judgeReply(reply: Reply): JudgedReply {
  if (reply.kind === "failed")
    return unanswered(
      retry(reasonOf(reply.stage, reply.code), transportTries, reply.stage === "after"),
      `no answer: ${reply.code}`,
    );
  if (reply.status !== 200) return unanswered(verdictOfStatus(reply.status), `HTTP ${reply.status}`);
  const answer = readAnswer(reply.body);
  if (answer === null)
    return unanswered(retry("unreadableAnswer", unreadableTries, true), "HTTP 200 without an errcode");
  const { errcode, errmsg } = answer;
  const explanation = firstCharacters(maskSecrets(withoutHint(errmsg)), explanationMax);
  return { verdict: errcode === 0 ? sent(explanation) : failedVerdict(errcode, errmsg), errcode, explanation };
}

/**
 * An upload shows nothing in the group, so it is never in doubt. A robot without uploads (404) may still accept messages, so the key
 * stays in use.
 */
export function judgeUpload(reply: Reply): JudgedReply<UploadVerdict> {
  const judged = judgeReply(reply);
  const { verdict } = judged;
  if (verdict.kind === "sent") return { ...judged, verdict: uploaded(reply) };
  if (verdict.kind === "retry") return { ...judged, verdict: { ...verdict, inDoubt: false } };
  if (verdict.kind === "keyOff" && verdict.reason === "wrongAddress") {
    return { ...judged, verdict: { kind: "repair", reason: "wrongAddress", repair: "plain" } };
  }
  return { ...judged, verdict };
}

function uploaded(reply: Reply): UploadVerdict {
  const mediaId = reply.kind === "answered" ? readAnswer(reply.body)?.mediaId : "";
  if (mediaId) return { kind: "uploaded", mediaId, lifeMs: mediaLifeMs };
  return retry("unreadableAnswer", unreadableTries);
}

function unanswered(verdict: FailedVerdict, explanation: string): JudgedReply {
  return { verdict, errcode: null, explanation };
}

/** A time-out before the connection is open is an error of the connection; one after that is WeCom's. */
function reasonOf(stage: "before" | "after", code: string): FailureReason {
  if (code === "UNKNOWN") return "other";
  if (code === "PROXY_REFUSED_407") return "authError";
  return stage === "after" && /TIMEOUT|TIMEDOUT/.test(code) ? "contextDeadlineExceeded" : "connectionError";
}

/** A robot always answers 200; another status comes from a proxy or gateway. */
function verdictOfStatus(status: number): FailedVerdict {
  if (status === 429) return { kind: "hold", reason: "rateLimited", holdMs: rateLimitedHoldMs };
  if (status >= 500) return retry("serverError", transportTries, true);
  // 408 and 425: the request was not processed.
  if (status === 408 || status === 425) return retry("clientError", transportTries);
  if (status >= 300) return { kind: "keyOff", reason: "wrongAddress" };
  return retry("unreadableAnswer", unreadableTries, true);
}

/** Tencent says that errmsg may change, so errcode 0 alone means success. */
function sent(explanation: string): Verdict {
  return { kind: "sent", warning: /warning/i.test(explanation) ? explanation : null };
}

function failedVerdict(errcode: number, errmsg: string): FailedVerdict {
  return rowOf(errcode, errmsg)?.verdict ?? { kind: "repair", reason: "unknownErrcode", repair: "plain" };
}

interface RobotAnswer {
  readonly errcode: number;
  readonly errmsg: string;
  /** Empty in the answer to a message. */
  readonly mediaId: string;
}

function readAnswer(body: string): RobotAnswer | null {
  const { errcode, errmsg, media_id: mediaId } = (parsed(body) ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof errcode !== "number" || !Number.isInteger(errcode)) return null;
  return {
    errcode,
    errmsg: typeof errmsg === "string" ? errmsg : "",
    mediaId: typeof mediaId === "string" ? mediaId : "",
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** WeCom appends `, hint: […], from ip: <ours>, more info at …`. The hint changes with every answer, and the IP is private. */
function withoutHint(errmsg: string): string {
  return errmsg.replace(/[,\s]*\b(?:hint:|from ip:|more info at).*$/is, "").trim();
}

/** Never splits a code point. */
function firstCharacters(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join("")}…`;
}
