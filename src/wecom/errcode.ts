// Every errcode that WeCom may answer, with its meaning and its verdict. Most codes were never seen on the webhook; those that were
// are marked. Codes: 全局错误码, developer.work.weixin.qq.com/document/path/90313. docs/errors.md repeats every row.

import type { FailureReason } from "../domain/reason.ts";
import { rateLimitedHoldMs } from "./limits.ts";

/** What to change in a body that WeCom will never accept as it is. */
export type Repair = "split" | "links" | "media" | "plain";

/** A verdict other than "sent". */
export type FailedVerdict =
  /** Send the same body again, slowly after `quickTries` tries in a row. In doubt: it may have been delivered. */
  | { readonly kind: "retry"; readonly reason: FailureReason; readonly quickTries: number; readonly inDoubt: boolean }
  /** Pause the key, then send the same body again. */
  | { readonly kind: "hold"; readonly reason: "rateLimited"; readonly holdMs: number }
  /** WeCom will never accept this body: try its repair once, then plain text once, then it is dead. */
  | { readonly kind: "repair"; readonly reason: FailureReason; readonly repair: Repair }
  /** The key or the address does not work until somebody acts. The same body goes to another key or waits. */
  | { readonly kind: "keyOff"; readonly reason: FailureReason };

export interface ErrcodeRow {
  /** One code, or the first and last of a range that belongs to other APIs. */
  readonly code: number | readonly [number, number];
  /** For the one code that has many causes. Rows with errmsg come before the row without it. */
  readonly errmsg?: RegExp;
  readonly meaning: string;
  readonly verdict: FailedVerdict;
}

/** Tencent advises at most three retries of -1. */
const busyTries = 3;
/** One request in flight per key avoids it; another program may hold the same key. */
const concurrencyTries = 5;

export function retry(reason: FailureReason, quickTries: number, inDoubt = false): FailedVerdict {
  return { kind: "retry", reason, quickTries, inDoubt };
}

const repair = (reason: FailureReason, how: Repair): FailedVerdict => ({ kind: "repair", reason, repair: how });
const plain = (reason: FailureReason): FailedVerdict => repair(reason, "plain");
const keyOff = (reason: FailureReason): FailedVerdict => ({ kind: "keyOff", reason });

export const errcodeRows: readonly ErrcodeRow[] = [
  { code: -1, meaning: "WeCom is busy", verdict: retry("busy", busyTries) },
  {
    code: 6000,
    meaning: "two requests changed the same data; unlikely here",
    verdict: retry("concurrency", busyTries),
  },
  {
    code: 45033,
    meaning: "too many calls at once; another program uses the same key",
    verdict: retry("concurrency", concurrencyTries),
  },
  // Seen. WeCom lifts a minute-level block by itself; it is for the key, not for one message.
  {
    code: 45009,
    meaning: "more than 20 messages in a minute for this key, counted over all programs that use it",
    verdict: { kind: "hold", reason: "rateLimited", holdMs: rateLimitedHoldMs },
  },

  // Seen: 40058 has many causes, which the errmsg names. On upload_media it also means an invalid key.
  {
    code: 40058,
    errmsg: /exceed max length/i,
    meaning: "a field is longer than WeCom accepts",
    verdict: repair("tooLong", "split"),
  },
  {
    code: 40058,
    errmsg: /expect array size/i,
    meaning: "a list is too long, or empty",
    verdict: repair("tooLong", "split"),
  },
  {
    code: 40058,
    errmsg: /missing parameter|exceed min/i,
    meaning: "a required value is absent or empty",
    verdict: plain("badContent"),
  },
  { code: 40058, errmsg: /expect type/i, meaning: "a field has the wrong JSON type", verdict: plain("badContent") },
  {
    code: 40058,
    errmsg: /invalid param 'key'/i,
    meaning: "the key is unknown (the answer of upload_media)",
    verdict: keyOff("keyInvalid"),
  },
  { code: 40058, meaning: "WeCom rejects a parameter without saying which", verdict: plain("badContent") },
  { code: 45002, meaning: "the body is over a size limit", verdict: repair("tooLong", "split") },
  { code: 45008, meaning: "more than 8 articles", verdict: repair("tooLong", "split") },
  { code: 40008, meaning: "unknown msgtype, or a body that is not JSON", verdict: plain("badContent") },
  { code: 40033, meaning: "characters that WeCom does not accept", verdict: plain("badContent") },
  { code: 40035, meaning: "some parameter is wrong", verdict: plain("badContent") },
  { code: 40063, meaning: "a required parameter is empty, or the method is wrong", verdict: plain("badContent") },
  { code: 41016, meaning: "an article or a card has no title", verdict: plain("badContent") },
  { code: 44004, meaning: "the content is empty", verdict: plain("badContent") },
  { code: 46004, meaning: "a mentioned user is unknown", verdict: plain("badContent") },
  { code: 40039, meaning: "a link is over 1024 bytes", verdict: repair("badLink", "links") },
  { code: 45034, meaning: "a link has no http:// or https://", verdict: repair("badLink", "links") },

  {
    code: 40007,
    meaning: "the media_id has expired (3 days), belongs to another key or to another type",
    verdict: repair("badMedia", "media"),
  },
  { code: 40004, meaning: "a file type that WeCom does not accept (voice must be AMR)", verdict: plain("badMedia") },
  { code: 40005, meaning: "the upload asked for a type that is neither file nor voice", verdict: plain("badMedia") },
  { code: 40006, meaning: "a file of 5 bytes or less, or over the limit", verdict: plain("badMedia") },
  { code: 40009, meaning: "a picture over 2 MB", verdict: plain("badMedia") },
  { code: 40123, meaning: "a damaged picture, or not a picture", verdict: plain("badMedia") },
  { code: 41006, meaning: "file or voice without media_id", verdict: plain("badMedia") },
  { code: 44001, meaning: "the upload has no part called media, no filename or no bytes", verdict: plain("badMedia") },
  { code: 45001, meaning: "the upload is too big", verdict: plain("badMedia") },
  { code: 45007, meaning: "voice over 60 seconds", verdict: plain("badMedia") },
  { code: 301019, meaning: "the md5 of a picture does not match its bytes", verdict: plain("badMedia") },

  // Seen, live: 93000.
  {
    code: 93000,
    meaning: "the key is unknown, or the robot was removed from its group",
    verdict: keyOff("keyInvalid"),
  },
  { code: 93017, meaning: "undocumented; the neighbouring codes all concern the robot", verdict: keyOff("keyInvalid") },
  { code: 93004, meaning: "an administrator disabled the robot", verdict: keyOff("keyDisabled") },
  { code: 93008, meaning: "the robot is not in the group", verdict: keyOff("keyDisabled") },
  { code: 48002, meaning: "no right to call this API", verdict: keyOff("authError") },

  // Codes of other APIs. An error of a token or an IP list means that the address is not a robot's.
  {
    code: 60020,
    meaning: "the caller's IP is not trusted: an app API answered, not a robot",
    verdict: keyOff("wrongAddress"),
  },
  ...[40001, 40013, 40014, 40056, 41001, 41002, 41004, 42001].map((code) => ({
    code,
    meaning: "corp id, secret or access_token: an app API answered, not a robot",
    verdict: keyOff("wrongAddress"),
  })),
  { code: 93005, meaning: "a robot of the internal beta may not write to this user", verdict: plain("badContent") },
  { code: 93006, meaning: "a chat id of the internal beta is invalid", verdict: plain("badContent") },
  { code: 42014, meaning: "task_id of an app's task card", verdict: plain("badContent") },
  { code: 81013, meaning: "an app message without a valid receiver", verdict: plain("badContent") },
  { code: 301021, meaning: "the check-in API", verdict: plain("badContent") },
  { code: 301025, meaning: "the approval API", verdict: plain("badContent") },
  { code: [90_000, 90_999], meaning: "calendar and other APIs", verdict: plain("badContent") },
  { code: [600_000, 600_999], meaning: "hardware APIs", verdict: plain("badContent") },
  { code: [660_000, 660_999], meaning: "payment APIs", verdict: plain("badContent") },
  { code: [9_001_000, 9_001_999], meaning: "nearby-device APIs", verdict: plain("badContent") },
];

/** What the operator should do after each reason of failure. docs/errors.md repeats every row. */
export const adviceFor: Readonly<Record<FailureReason, string>> = {
  clientError: "nothing; if it persists, check the proxy",
  serverError: "nothing, unless it persists",
  authError: "check `wecom.proxy_url`; check the robot",
  rateLimited: "find the other program that uses the key",
  contextDeadlineExceeded: "nothing; if it persists, raise `wecom.timeout`",
  connectionError: "check network, DNS, certificates and proxy",
  other: "read the log",
  busy: "nothing",
  concurrency: "find the other program that uses the key",
  tooLong: "report it as a bug",
  badLink: "check `generatorURL` and annotations with links",
  badMedia: "nothing",
  badContent: "check the template; the dead message is kept for inspection",
  keyInvalid: "give the bot a valid key",
  keyDisabled: "enable the robot",
  wrongAddress: "check `wecom.base_url` and the proxy",
  unreadableAnswer: "check proxies and gateways on the way to WeCom",
  unknownErrcode: "report the code and the text in the log",
  answerNeverSeen: "nothing",
};

/** The row of an errcode other than 0; null when there is none. */
export function rowOf(errcode: number, errmsg: string): ErrcodeRow | null {
  return errcodeRows.find((row) => covers(row, errcode) && (row.errmsg?.test(errmsg) ?? true)) ?? null;
}

function covers(row: ErrcodeRow, errcode: number): boolean {
  return typeof row.code === "number" ? row.code === errcode : row.code[0] <= errcode && errcode <= row.code[1];
}
