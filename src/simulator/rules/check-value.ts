// Judges one field's value, already known to be of the documented type, against the limits of its row: bytes, advised
// characters, list length, value set, range, URL size and scheme.

import { type FieldRule, urlMaxBytes } from "./field-rule.ts";
import { accept, type Finding, reject } from "./finding.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

interface FieldValue {
  readonly path: string;
  readonly value: unknown;
}

export function checkValue(rule: FieldRule, field: FieldValue, switches: Switches): readonly Finding[] {
  const { path, value } = field;
  if (typeof value === "string") return checkString(rule, { path, value }, switches);
  if (typeof value === "number") return checkNumber(rule, path, value);
  return Array.isArray(value) ? checkList(rule, path, value.length) : [];
}

interface StringValue {
  readonly path: string;
  readonly value: string;
}

function checkString(rule: FieldRule, field: StringValue, switches: Switches): readonly Finding[] {
  const { path, value } = field;
  return [
    ...checkMaxBytes(rule, field, switches),
    ...checkCut(rule, field),
    ...checkChars(rule, field),
    ...(rule.values !== undefined && !rule.values.includes(value) ? [badValue(rule, path, value)] : []),
    ...(rule.type === "url" ? checkUrl(rule, field, switches) : []),
  ];
}

function checkMaxBytes(rule: FieldRule, field: StringValue, switches: Switches): readonly Finding[] {
  const bytes = Buffer.byteLength(field.value);
  if (rule.maxBytes === undefined || bytes <= rule.maxBytes) return [];
  const place = {
    rule: `${rule.path}/max-bytes`,
    step: "length",
    detail: `${field.path} has ${bytes} bytes, the limit is ${rule.maxBytes}`,
  } as const;
  const max = switches.longText === "accept" ? (rule.seenMaxBytes ?? rule.maxBytes) : rule.maxBytes;
  if (bytes <= max) return [accept(place, "flag")];
  return [reject(place, refusals.tooLong, `${field.path} exceed max length ${max}. invalid Request Parameter`)];
}

function checkCut(rule: FieldRule, { path, value }: StringValue): readonly Finding[] {
  const bytes = Buffer.byteLength(value);
  if (rule.cutBytes === undefined || bytes <= rule.cutBytes) return [];
  const detail = `${path} has ${bytes} bytes, WeCom cuts it at ${rule.cutBytes}`;
  return [accept({ rule: `${rule.path}/cut-bytes`, step: "length", detail }, "flag")];
}

function checkChars(rule: FieldRule, { path, value }: StringValue): readonly Finding[] {
  const chars = [...value].length;
  if (rule.adviceChars === undefined || chars <= rule.adviceChars) return [];
  const detail = `${path} has ${chars} characters, at most ${rule.adviceChars} are advised`;
  return [accept({ rule: `${rule.path}/advised-chars`, step: "length", detail }, "advice")];
}

/** A scheme is `letters://`; what follows it is not looked at. */
function checkUrl(rule: FieldRule, { path, value }: StringValue, switches: Switches): readonly Finding[] {
  const bytes = Buffer.byteLength(value);
  if (bytes > urlMaxBytes) {
    const detail = `${path} has ${bytes} bytes, the limit is ${urlMaxBytes}`;
    return [reject({ rule: `${rule.path}/url-bytes`, step: "length", detail }, refusals.urlTooLong)];
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return [];
  const place = { rule: `${rule.path}/url-scheme`, step: "content", detail: `${path} has no scheme` } as const;
  const mayPass = rule.schemeOptional === true && switches.schemelessNewsUrl === "advice";
  return [mayPass ? accept(place, "advice") : reject(place, refusals.urlWithoutScheme)];
}

function checkNumber(rule: FieldRule, path: string, value: number): readonly Finding[] {
  if (rule.values !== undefined && !rule.values.includes(value)) return [badValue(rule, path, value)];
  if (rule.range === undefined) return [];
  const [least, greatest] = rule.range;
  if (value < least || value > greatest) return [badValue(rule, path, value)];
  if (value !== least && value !== greatest) return [];
  const detail = `${path} is ${value}; the page says strictly between ${least} and ${greatest}`;
  return [accept({ rule: `${rule.path}/range-end`, step: "content", detail }, "advice")];
}

function badValue(rule: FieldRule, path: string, value: number | string): Finding {
  const allowed = rule.values?.join(", ") ?? rule.range?.join(" to ") ?? "";
  const detail = `${path} is ${JSON.stringify(value)}, allowed: ${allowed}`;
  const text = `field \`${path}\` invalid value. invalid Request Parameter`;
  return reject({ rule: `${rule.path}/value`, step: "content", detail }, refusals.badValue, text);
}

function checkList(rule: FieldRule, path: string, length: number): readonly Finding[] {
  if (rule.items === undefined) return [];
  const [least, greatest] = rule.items;
  if (length >= least && length <= greatest) return [];
  const detail = `${path} has ${length} items, allowed: ${least} to ${greatest}`;
  const place = { rule: `${rule.path}/items`, step: "list", detail } as const;
  if (length > greatest && rule.tooMany !== undefined) return [reject(place, rule.tooMany)];
  const text = `field \`${path}\` expect array size in [${least}, ${greatest}]. invalid Request Parameter`;
  return [reject(place, refusals.listSize, text)];
}
