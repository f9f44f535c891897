// Pictures and graphs are optional parts of a delivery: each is sent once, after the text, or omitted.

import type { GraphOmission } from "./datasource-query.ts";

export const optionalKinds = ["picture", "graph"] as const;

export type OptionalKind = (typeof optionalKinds)[number];

/** Why there is none to be sent. */
export type FillFailure = "failed" | GraphOmission;

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
  "failed",
  /** Those of graphs alone come last. */
  "timeout",
  "tooLarge",
  "unknownSource",
  "noRule",
  "noSeries",
  "unreachable",
  "rejected",
  "badQuery",
  "unreadable",
  "resting",
] as const;

export type OptionalResult = (typeof optionalResults)[number];
