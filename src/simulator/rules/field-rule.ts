// The shape of one row of the rule tables: a field of a message and what the documentation says of it.

import type { Confidence, Refusal } from "./refusals.ts";

export type FieldType = "string" | "url" | "int" | "float" | "object" | "objects" | "strings";

export interface FieldRule {
  /** From the root of the body; `[]` stands for every item of a list. */
  readonly path: string;
  readonly type: FieldType;
  readonly required?: boolean;
  /** Required when the field beside it has this value. */
  readonly requiredWhen?: { readonly sibling: string; readonly is: number };
  /** The answer when it is missing; default: 40058 missing parameter. */
  readonly missing?: Refusal;
  /** UTF-8 bytes, rejected above. */
  readonly maxBytes?: number;
  /** UTF-8 bytes the server was seen to accept in spite of maxBytes. */
  readonly seenMaxBytes?: number;
  /** UTF-8 bytes above which the server cuts instead of refusing. */
  readonly cutBytes?: number;
  /** Characters; only advice (建议). */
  readonly adviceChars?: number;
  /** Least and greatest length of a list. */
  readonly items?: readonly [number, number];
  /** The answer when the list is longer; default: 40058 expect array size. */
  readonly tooMany?: Refusal;
  readonly values?: readonly (number | string)[];
  /** Least and greatest number; the ends themselves earn advice. */
  readonly range?: readonly [number, number];
  /** The page's own example has no scheme, so the switch schemelessNewsUrl decides. */
  readonly schemeOptional?: boolean;
  /** null was seen refused even where wrong types pass with a warning. */
  readonly nullRejected?: boolean;
  readonly source: string;
  readonly confidence: Confidence;
}

export const urlMaxBytes = 1024;

/** A row of the page 消息推送配置说明 (99110), which is where nearly every rule comes from. */
export function documentedField(
  path: string,
  type: FieldType,
  more: Omit<FieldRule, "path" | "type" | "source" | "confidence"> = {},
): FieldRule {
  return { path, type, source: "doc-push", confidence: "documented", ...more };
}
