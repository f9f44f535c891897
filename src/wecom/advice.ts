// What the operator should do after each reason of failure. docs/errors.md repeats every row.

import type { FailureReason } from "../domain/reason.ts";

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
