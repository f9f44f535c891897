// The closed set of reasons a request to WeCom, and in the end a notification, fails. Metric label values; docs/errors.md has a row for each.
// The first seven are Alertmanager's own vocabulary (notify/util.go, Reason; authError and rateLimited since 0.34).

export const failureReasons = [
  "clientError",
  "serverError",
  "authError",
  "rateLimited",
  "contextDeadlineExceeded",
  "connectionError",
  "other",
  "busy",
  "concurrency",
  "tooLong",
  "badLink",
  "badMedia",
  "badContent",
  "keyInvalid",
  "keyDisabled",
  "wrongAddress",
  "unreadableAnswer",
  "unknownErrcode",
  "answerNeverSeen",
] as const;

export type FailureReason = (typeof failureReasons)[number];

/** Why the outbox stores nothing at the moment. docs/errors.md has a row for each. */
export const storageReasons = [
  "diskFull",
  "notWritable",
  "loginRejected",
  "unreachable",
  "noAnswer",
  "backlogFull",
  "other",
] as const;

export type StorageReason = (typeof storageReasons)[number];
