// Pictures and graphs are optional parts of a delivery: each is sent once, after the text, or omitted.

export const optionalKinds = ["picture", "graph"] as const;

export type OptionalKind = (typeof optionalKinds)[number];

/** Why there is none to be sent. */
const fillFailures = ["timeout", "tooLarge", "failed"] as const;

export type FillFailure = (typeof fillFailures)[number];

/** What became of one. Metric label values; docs/errors.md has a row for each. */
export const optionalResults = [
  "sent",
  /** The bot had other messages, or too few slots. */
  "busy",
  "late",
  "digest",
  /** A newer delivery of its group began, or its own was taken back. */
  "superseded",
  /** A message of its delivery is dead. */
  "textDead",
  /** A reload, the end of the process, or another process took over. */
  "interrupted",
  /** WeCom did not take it; the reason is that of the request. */
  "refused",
  ...fillFailures,
] as const;

export type OptionalResult = (typeof optionalResults)[number];
