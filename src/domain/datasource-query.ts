// How a query to a datasource ends. Values of a metric label; docs/errors.md has a row for each.

export const queryResults = [
  "answered",
  "timeout",
  "tooLarge",
  "unreachable",
  "rejected",
  "badQuery",
  "unreadable",
  "resting",
  "busy",
] as const;

export type QueryResult = (typeof queryResults)[number];

/** `late`: the caller no longer waits. */
export type QueryFailure = Exclude<QueryResult, "answered"> | "late";

/** Why there is no graph of a group, as far as its datasource is concerned. */
export type GraphOmission = QueryFailure | "unknownSource" | "noRule" | "noSeries";
