// One fault of a config file, with its place. Codes are closed: tests and docs/configuration.md name them.

export type ConfigIssueCode =
  | "file_unreadable"
  | "yaml_syntax"
  | "unknown_key"
  | "missing_key"
  | "wrong_type"
  | "bad_value"
  | "bad_matcher"
  | "bad_key"
  | "duplicate_key"
  | "secret_unreadable"
  | "unknown_bot"
  | "unused_bot"
  | "weak_auth";

export interface ConfigIssue {
  readonly code: ConfigIssueCode;
  /** Like `route.routes[1].bot`; empty for the whole file. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Says what to change. Never holds a secret. */
  readonly message: string;
}
