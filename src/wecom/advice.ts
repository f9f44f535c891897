// What is left to the operator after each reason of failure, in one sentence. docs/errors.md repeats every row.

import type { FailureReason } from "../domain/reason.ts";

export const adviceFor: Readonly<Record<FailureReason, string>> = {
  clientError: "nothing, unless it stays: look at the proxy",
  serverError: "nothing, unless it stays",
  authError: "check `wecom.proxy_url`; check the robot",
  rateLimited: "find the other program that uses the key",
  contextDeadlineExceeded: "nothing, unless it stays: raise `wecom.timeout`",
  connectionError: "check network, DNS, certificates and proxy",
  other: "read the log",
  busy: "nothing",
  concurrency: "find the other program that uses the key",
  tooLong: "report it: no body should be too long",
  badLink: "look at `generatorURL` and annotations with links",
  badMedia: "nothing",
  badContent: "look at the template; the dead message is kept for inspection",
  keyInvalid: "give the bot a valid key",
  keyDisabled: "enable the robot",
  wrongAddress: "check `wecom.base_url` and the proxy",
  unreadableAnswer: "check what stands between",
  unknownErrcode: "report code and text from the log",
  answerNeverSeen: "nothing",
};
