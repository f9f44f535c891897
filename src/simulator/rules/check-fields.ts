// Judges every documented field of a body against its row: there, of the right type, within its limits. In: the parsed
// body and the rows; out: findings. Knows nothing of any single message type.
// Judges one field's value, already known to be of the documented type, against the limits of its row: bytes, advised
// characters, list length, value set, range, URL size and scheme.

import { isObject, type JsonObject } from "../body-value.ts";
import { type FieldRule, type FieldType, urlMaxBytes } from "./field-rule.ts";
import { accept, type Finding, reject } from "./finding.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

interface FieldPlace {
  /** The path as it is in this body, `news.articles[2].title`. */
  readonly path: string;
  readonly parent: JsonObject;
  readonly value: unknown;
}

export function checkFields(body: JsonObject, rules: readonly FieldRule[], switches: Switches): readonly Finding[] {
  return rules.flatMap((rule) => placesOf(body, rule.path).flatMap((place) => checkPlace(rule, place, switches)));
}

/** Every place a rule's path points at; none when a parent is absent, for the parent has a row of its own. */
function placesOf(body: JsonObject, path: string): readonly FieldPlace[] {
  const names = path.split(".");
  const field = names.pop() ?? "";
  let parents: readonly { readonly path: string; readonly object: JsonObject }[] = [{ path: "", object: body }];
  for (const name of names) parents = parents.flatMap((parent) => children(parent, name));
  return parents.map((parent) => ({
    path: join(parent.path, field),
    parent: parent.object,
    value: Object.hasOwn(parent.object, field) ? parent.object[field] : undefined,
  }));
}

function children(parent: { readonly path: string; readonly object: JsonObject }, segment: string) {
  const name = segment.replace("[]", "");
  const child = parent.object[name];
  const path = join(parent.path, name);
  if (!segment.endsWith("[]")) return isObject(child) ? [{ path, object: child }] : [];
  if (!Array.isArray(child)) return [];
  return child.flatMap((item, index) => (isObject(item) ? [{ path: `${path}[${index}]`, object: item }] : []));
}

function join(parent: string, name: string): string {
  return parent === "" ? name : `${parent}.${name}`;
}

function checkPlace(rule: FieldRule, place: FieldPlace, switches: Switches): readonly Finding[] {
  const { value, path } = place;
  const empty = value === undefined || value === "" || (value === null && isRequired(rule, place));
  if (empty) return isRequired(rule, place) ? [missing(rule, path)] : [];
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

interface Reading {
  readonly fits: "yes" | "coerced" | "no";
  readonly value: unknown;
}

/** Reads a value as the documented type; "coerced" is what a lenient JSON binding would still understand. */
function readAs(type: FieldType, value: unknown): Reading {
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
  if (type === "object") return isObject(value);
  if (!Array.isArray(value)) return false;
  return value.every((item) => (type === "objects" ? isObject(item) : typeof item === "string"));
}

function missing(rule: FieldRule, path: string): Finding {
  const place = { rule: `${rule.path}/required`, step: "required", detail: `${path} is missing or empty` } as const;
  if (rule.missing !== undefined) return reject(place, rule.missing);
  return reject(place, refusals.missing, `missing parameter \`${path}\`. invalid Request Parameter`);
}

function wrongType(rule: FieldRule, path: string, value: unknown): Finding {
  const place = { rule: `${rule.path}/type`, step: "required", detail: typeDetail(rule, path, value) } as const;
  return reject(place, refusals.wrongType, `field \`${path}\` expect type ${rule.type}. invalid Request Parameter`);
}

function typeWarning(rule: FieldRule, path: string, value: unknown): Finding {
  return accept({ rule: `${rule.path}/type`, step: "required", detail: typeDetail(rule, path, value) }, "warn");
}

function typeDetail(rule: FieldRule, path: string, value: unknown): string {
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  return `${path} should be ${rule.type}, not ${actual}`;
}

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
