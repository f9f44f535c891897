// How sure we are of a rule: on a Tencent page, seen in a public log or test, or inferred by us.

export type Confidence = "documented" | "observed" | "guessed";
