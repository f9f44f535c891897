// Checks every documented field of a body against its rule: present, of the right type, within its limits.
// It is long because every kind of limit of a rule is checked here.

import { type BodyObject, isBodyObject } from "../body-value.ts";
import { type FieldRule, type FieldType, robotUrlMaxBytes } from "./field-rule.ts";
import { type RuleFinding, rejection, remark } from "./finding.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

interface FieldPlace {
  /** The path in this body, such as `news.articles[2].title`. */
  readonly path: string;
  readonly parent: BodyObject;
  readonly value: unknown;
}

export function checkFields(body: BodyObject, rules: readonly FieldRule[], switches: Switches): readonly RuleFinding[] {
  return rules.flatMap((rule) => fieldPlacesOf(body, rule.path).flatMap((place) => checkField(rule, place, switches)));
}

/** All places of a path; none when a parent is absent, because the parent has its own rule. */
function fieldPlacesOf(body: BodyObject, path: string): readonly FieldPlace[] {
  const names = path.split(".");
  const field = names.pop() ?? "";
  let parents: readonly { readonly path: string; readonly object: BodyObject }[] = [{ path: "", object: body }];
  for (const name of names) parents = parents.flatMap((parent) => children(parent, name));
  return parents.map((parent) => ({
    path: join(parent.path, field),
    parent: parent.object,
    value: Object.hasOwn(parent.object, field) ? parent.object[field] : undefined,
  }));
}

function children(parent: { readonly path: string; readonly object: BodyObject }, segment: string) {
  const name = segment.replace("[]", "");
  const child = parent.object[name];
  const path = join(parent.path, name);
  if (!segment.endsWith("[]")) return isBodyObject(child) ? [{ path, object: child }] : [];
  if (!Array.isArray(child)) return [];
  return child.flatMap((item, index) => (isBodyObject(item) ? [{ path: `${path}[${index}]`, object: item }] : []));
}

function join(parent: string, name: string): string {
  return parent === "" ? name : `${parent}.${name}`;
}

function checkField(rule: FieldRule, place: FieldPlace, switches: Switches): readonly RuleFinding[] {
  const { value, path } = place;
  const empty = value === undefined || value === "" || (value === null && isRequired(rule, place));
  if (empty) return isRequired(rule, place) ? [missingField(rule, path)] : [];
  const read = readAs(rule.type, value);
  if (read.fits === "no" || (read.fits === "coerced" && switches.wrongType === "reject") || isRefusedNull(rule, value))
    return [wrongType(rule, path, value)];
  const warning = read.fits === "coerced" ? [typeWarning(rule, path, value)] : [];
  return [...warning, ...checkValue(rule, { path, value: read.value }, switches)];
}

function isRequired(rule: FieldRule, place: FieldPlace): boolean {
  if (rule.requiredWhen === undefined) return rule.required === true;
  return Number(place.parent[rule.requiredWhen.sibling] ?? 0) === rule.requiredWhen.is;
}

function isRefusedNull(rule: FieldRule, value: unknown): boolean {
  return value === null && rule.nullRejected === true;
}

interface TypedValue {
  readonly fits: "yes" | "coerced" | "no";
  readonly value: unknown;
}

/** Reads a value as the documented type; "coerced" is a value that a lenient JSON binding would accept. */
function readAs(type: FieldType, value: unknown): TypedValue {
  if (isOfType(type, value)) return { fits: "yes", value };
  if (value === null) return { fits: "coerced", value: undefined };
  const wantsText = type === "string" || type === "url";
  if (wantsText && (typeof value === "number" || typeof value === "boolean"))
    return { fits: "coerced", value: String(value) };
  const wantsNumber = type === "int" || type === "float";
  if (wantsNumber && typeof value === "string" && Number.isFinite(Number(value)))
    return { fits: "coerced", value: Number(value) };
  return { fits: "no", value };
}

function isOfType(type: FieldType, value: unknown): boolean {
  if (type === "string" || type === "url") return typeof value === "string";
  if (type === "int") return Number.isInteger(value);
  if (type === "float") return Number.isFinite(value);
  if (type === "object") return isBodyObject(value);
  if (!Array.isArray(value)) return false;
  return value.every((item) => (type === "objects" ? isBodyObject(item) : typeof item === "string"));
}

function missingField(rule: FieldRule, path: string): RuleFinding {
  const place = { rule: `${rule.path}/required`, step: "required", detail: `${path} is missing or empty` } as const;
  if (rule.missing !== undefined) return rejection(place, rule.missing);
  return rejection(place, refusals.missing, `missing parameter \`${path}\`. invalid Request Parameter`);
}

function wrongType(rule: FieldRule, path: string, value: unknown): RuleFinding {
  const place = { rule: `${rule.path}/type`, step: "required", detail: typeDetail(rule, path, value) } as const;
  return rejection(place, refusals.wrongType, `field \`${path}\` expect type ${rule.type}. invalid Request Parameter`);
}

function typeWarning(rule: FieldRule, path: string, value: unknown): RuleFinding {
  return remark({ rule: `${rule.path}/type`, step: "required", detail: typeDetail(rule, path, value) }, "warn");
}

function typeDetail(rule: FieldRule, path: string, value: unknown): string {
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  return `${path} should be ${rule.type}, not ${actual}`;
}

interface FieldValue {
  readonly path: string;
  readonly value: unknown;
}

/** Checks a value of the documented type against the limits of its rule. */
function checkValue(rule: FieldRule, field: FieldValue, switches: Switches): readonly RuleFinding[] {
  const { path, value } = field;
  if (typeof value === "string") return checkString(rule, { path, value }, switches);
  if (typeof value === "number") return checkNumber(rule, path, value);
  return Array.isArray(value) ? checkList(rule, path, value.length) : [];
}

interface StringValue {
  readonly path: string;
  readonly value: string;
}

function checkString(rule: FieldRule, field: StringValue, switches: Switches): readonly RuleFinding[] {
  const { path, value } = field;
  return [
    ...checkMaxBytes(rule, field, switches),
    ...checkCut(rule, field),
    ...checkChars(rule, field),
    ...(rule.values !== undefined && !rule.values.includes(value) ? [badValue(rule, path, value)] : []),
    ...(rule.type === "url" ? checkUrl(rule, field, switches) : []),
  ];
}

function checkMaxBytes(rule: FieldRule, field: StringValue, switches: Switches): readonly RuleFinding[] {
  const bytes = Buffer.byteLength(field.value);
  if (rule.maxBytes === undefined || bytes <= rule.maxBytes) return [];
  const place = {
    rule: `${rule.path}/max-bytes`,
    step: "length",
    detail: `${field.path} has ${bytes} bytes, the limit is ${rule.maxBytes}`,
  } as const;
  const max = switches.longText === "accept" ? (rule.seenMaxBytes ?? rule.maxBytes) : rule.maxBytes;
  if (bytes <= max) return [remark(place, "flag")];
  return [rejection(place, refusals.tooLong, `${field.path} exceed max length ${max}. invalid Request Parameter`)];
}

function checkCut(rule: FieldRule, { path, value }: StringValue): readonly RuleFinding[] {
  const bytes = Buffer.byteLength(value);
  if (rule.cutBytes === undefined || bytes <= rule.cutBytes) return [];
  const detail = `${path} has ${bytes} bytes, WeCom cuts it after ${rule.cutBytes}`;
  return [remark({ rule: `${rule.path}/cut-bytes`, step: "length", detail }, "flag")];
}

function checkChars(rule: FieldRule, { path, value }: StringValue): readonly RuleFinding[] {
  const chars = [...value].length;
  if (rule.adviceChars === undefined || chars <= rule.adviceChars) return [];
  const detail = `${path} has ${chars} characters, at most ${rule.adviceChars} are advised`;
  return [remark({ rule: `${rule.path}/advised-chars`, step: "length", detail }, "advice")];
}

/** A scheme is `letters://`; the rest of the URL is not checked. */
function checkUrl(rule: FieldRule, { path, value }: StringValue, switches: Switches): readonly RuleFinding[] {
  const bytes = Buffer.byteLength(value);
  if (bytes > robotUrlMaxBytes) {
    const detail = `${path} has ${bytes} bytes, the limit is ${robotUrlMaxBytes}`;
    return [rejection({ rule: `${rule.path}/url-bytes`, step: "length", detail }, refusals.urlTooLong)];
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return [];
  const place = { rule: `${rule.path}/url-scheme`, step: "content", detail: `${path} has no scheme` } as const;
  const isAdvice = rule.schemeOptional === true && switches.schemelessNewsUrl === "advice";
  return [isAdvice ? remark(place, "advice") : rejection(place, refusals.urlWithoutScheme)];
}

function checkNumber(rule: FieldRule, path: string, value: number): readonly RuleFinding[] {
  if (rule.values !== undefined && !rule.values.includes(value)) return [badValue(rule, path, value)];
  if (rule.range === undefined) return [];
  const [least, greatest] = rule.range;
  if (value < least || value > greatest) return [badValue(rule, path, value)];
  if (value !== least && value !== greatest) return [];
  const detail = `${path} is ${value}; the page says strictly between ${least} and ${greatest}`;
  return [remark({ rule: `${rule.path}/range-end`, step: "content", detail }, "advice")];
}

function badValue(rule: FieldRule, path: string, value: number | string): RuleFinding {
  const allowed = rule.values?.join(", ") ?? rule.range?.join(" to ") ?? "";
  const detail = `${path} is ${JSON.stringify(value)}, allowed: ${allowed}`;
  const text = `field \`${path}\` invalid value. invalid Request Parameter`;
  return rejection({ rule: `${rule.path}/value`, step: "content", detail }, refusals.badValue, text);
}

function checkList(rule: FieldRule, path: string, length: number): readonly RuleFinding[] {
  if (rule.items === undefined) return [];
  const [least, greatest] = rule.items;
  if (length >= least && length <= greatest) return [];
  const detail = `${path} has ${length} items, allowed: ${least} to ${greatest}`;
  const place = { rule: `${rule.path}/items`, step: "list", detail } as const;
  if (length > greatest && rule.tooMany !== undefined) return [rejection(place, rule.tooMany)];
  const text = `field \`${path}\` expect array size in [${least}, ${greatest}]. invalid Request Parameter`;
  return [rejection(place, refusals.listSize, text)];
}
