export type IssueCode =
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
  | "unreachable_route"
  | "weak_auth"
  | "template_syntax"
  | "template_unknown_helper"
  | "unknown_rotation"
  | "template_name"
  | "template_unreadable"
  | "template_yaml"
  | "template_card_field";

/** What is wrong with a config or a template. */
export interface Issue {
  /** docs/configuration.md lists the codes. */
  readonly code: IssueCode;
  /** A config key like `route.routes[1].bot`, empty for the whole config; of a template, the path of its file. */
  readonly path: string;
  /** 1-based; an issue of a whole file stands at 1:1. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** What is wrong, then what to do. Never holds a secret. */
  readonly message: string;
}

/** As compilers print it, so that editors find the place. */
export function issueLine(file: string, { line, column, message }: Pick<Issue, "line" | "column" | "message">): string {
  return `${file}:${line}:${column}: ${message}`;
}
