// One row of the rule tables: a field of a message and its documented limits.

import type { Confidence, RobotRefusal } from "./refusals.ts";

export type FieldType = "string" | "url" | "int" | "float" | "object" | "objects" | "strings";

interface FieldLimits {
  readonly required?: boolean;
  /** Required when a field of the same object has this value. */
  readonly requiredWhen?: { readonly sibling: string; readonly is: number };
  /** The answer when the field is missing; default: 40058 missing parameter. */
  readonly missing?: RobotRefusal;
  /** UTF-8 bytes; longer values are rejected. */
  readonly maxBytes?: number;
  /** UTF-8 bytes that the server was seen to accept in spite of maxBytes. */
  readonly seenMaxBytes?: number;
  /** UTF-8 bytes; the server cuts longer values and accepts the message. */
  readonly cutBytes?: number;
  /** Characters; only advice (建议). */
  readonly adviceChars?: number;
  /** Minimum and maximum length of a list. */
  readonly items?: readonly [number, number];
  /** The answer when the list is longer; default: 40058 expect array size. */
  readonly tooMany?: RobotRefusal;
  readonly values?: readonly (number | string)[];
  /** Minimum and maximum number; both ends get advice. */
  readonly range?: readonly [number, number];
  /** The example on the page has no scheme, so the switch schemelessNewsUrl decides. */
  readonly schemeOptional?: boolean;
  /** null was seen rejected even where other wrong types pass with a warning. */
  readonly nullRejected?: boolean;
}

export interface FieldRule extends FieldLimits {
  /** From the root of the body; `[]` stands for every item of a list. */
  readonly path: string;
  readonly type: FieldType;
  readonly source: string;
  readonly confidence: Confidence;
}

export const robotUrlMaxBytes = 1024;

/** A row from the page 消息推送配置说明 (document/path/99110). */
export function documentedField(path: string, type: FieldType, limits: FieldLimits = {}): FieldRule {
  return { path, type, source: "doc-push", confidence: "documented", ...limits };
}
