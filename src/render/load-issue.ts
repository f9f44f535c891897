// A fault of a template file, with its place.

/** `line` and `column` count from 1; a fault of a whole file stands at 1:1. */
export interface LoadIssue {
  readonly code:
    | "template_syntax"
    | "template_unknown_helper"
    | "template_name"
    | "template_unreadable"
    | "template_yaml"
    | "template_card_field";
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
