// Every function of Alertmanager's Go templates as a Handlebars helper with Go's order of arguments, and three of our
// own. Helpers return values; the environment prints and escapes them. Arguments that Go rejects throw an error. The block
// helpers if, unless, with and each are as in Handlebars, but an empty map is false and a map is walked in the byte
// order of its keys, as in Go.

import Handlebars from "handlebars";
import { compareValues, elementOf, goLength, isEqual, isTrue, sliceOf } from "../../go-text/builtins.ts";
import { createDuration, type Duration, humanizeDuration, isDuration, parseDuration } from "../../go-text/duration.ts";
import {
  decodeBase64,
  encodeBase64,
  escapeHtmlAsGo,
  escapeJs,
  escapeQuery,
  unescapeQuery,
} from "../../go-text/escapes.ts";
import { toJson } from "../../go-text/json.ts";
import { goText, sprint, sprintln } from "../../go-text/print.ts";
import { sprintf } from "../../go-text/printf.ts";
import { createPatterns } from "../../go-text/regexp.ts";
import { titleCase, toLower, toUpper, trimSpace, truncateBytes } from "../../go-text/strings.ts";
import {
  isMap,
  mapOf,
  ownValue,
  pairNames,
  pairValues,
  sortedKeys,
  toSortedPairs,
  withoutNames,
} from "../../go-text/template-values.ts";
import { formatTime } from "../../go-text/time-format.ts";
import { parseTime } from "../../go-text/time-parse.ts";
import * as times from "../../go-text/timestamp.ts";
import { createZones, UTC } from "../../go-text/zone.ts";
import { type Rotation, type Shift, shiftAt } from "../../route/on-call.ts";
import { needsCode } from "../markup/escape.ts";

/** Lines that are not empty, each as pieces of text and of inline code. */
function linesWithCode(text: string): readonly (readonly { readonly text: string; readonly code: boolean }[])[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const pieces = line.split("`");
    // Without its partner a backtick is text.
    if (pieces.length % 2 === 0) pieces.push(pieces.splice(-2).join("`"));
    return pieces.map((piece, index) => ({ text: piece, code: index % 2 === 1 })).filter((piece) => piece.text !== "");
  });
}

/** What a helper knows besides its arguments. */
export interface HelperScope {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name; Go's Local. */
  readonly timezone: string;
  /** The whole view. */
  readonly root: unknown;
}

export interface Helper {
  /** Like `date LAYOUT TIME`; [X] is optional, X... any number. */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  call(args: readonly unknown[], scope: HelperScope): unknown;
}

type Call = Helper["call"];

/** Helpers by name, with a cache of patterns and zones of their own. */
export function createHelpers(rotations: ReadonlyMap<string, Rotation>): ReadonlyMap<string, Helper> {
  const ofService = { ...patternCalls(), ...timeCalls(), ...onCallCalls(rotations) };
  const calls = { ...textCalls, ...listCalls, ...mapCalls, ...logicCalls, ...ofService };
  return new Map(
    Object.entries(calls).map(([usage, call]) => [usage.split(" ")[0] ?? usage, createHelper(usage, call)]),
  );
}

function createHelper(usage: string, call: Call): Helper {
  const words = usage.split(" ").slice(1);
  const min = words.filter((word) => !word.startsWith("[")).length;
  return { usage, min, max: usage.includes("...") ? Number.POSITIVE_INFINITY : words.length, call };
}

const textCalls: Readonly<Record<string, Call>> = {
  "toUpper TEXT": ([text]) => toUpper(goText(text)),
  "toLower TEXT": ([text]) => toLower(goText(text)),
  "title TEXT": ([text]) => titleCase(goText(text)),
  "trimSpace TEXT": ([text]) => trimSpace(goText(text)),
  "truncate TEXT BYTES": ([text, bytes]) => truncateBytes(goText(text), wholeNumber(bytes)),
  "safeHtml TEXT": ([text]) => goText(text),
  "safeUrl TEXT": ([text]) => goText(text),
  "urlUnescape TEXT": ([text]) => unescapeQuery(goText(text)),
  "base64encode TEXT": ([text]) => encodeBase64(goText(text)),
  "base64decode TEXT": ([text]) => decodeBase64(goText(text)),
  "toJson VALUE": ([value]) => toJson(value),
  "html [VALUE...]": (values) => escapeHtmlAsGo(sprint(values)),
  "js [VALUE...]": (values) => escapeJs(sprint(values)),
  "urlquery [VALUE...]": (values) => escapeQuery(sprint(values)),
  "print [VALUE...]": (values) => sprint(values),
  "println [VALUE...]": (values) => sprintln(values),
  "printf FORMAT [VALUE...]": ([format, ...values]) => sprintf(goText(format), values),
  "humanizeDuration SECONDS": ([seconds]) => humanizeDuration(seconds),
  "needsCode TEXT": ([text]) => needsCode(goText(text)),
  "lines TEXT": ([text]) => linesWithCode(goText(text)),
};

const listCalls: Readonly<Record<string, Call>> = {
  "join SEPARATOR LIST": ([separator, list]) => itemsOf(list).map(goText).join(goText(separator)),
  "stringSlice [TEXT...]": (texts) => texts.map(goText),
  "list [VALUE...]": (values) => values,
  "append LIST [VALUE...]": ([list, ...values]) => [...itemsOf(list), ...values],
  "len VALUE": ([value]) => goLength(value),
  "index VALUE [KEY...]": ([value, ...keys]) => keys.reduce(elementOf, value),
  "lookup VALUE KEY": ([value, key]) =>
    isMap(value) || Array.isArray(value) ? ownValue(value, goText(key)) : undefined,
  "slice VALUE [FROM] [TO]": ([value, ...bounds]) => sliceOf(value, bounds),
  "firing ALERTS": ([alerts]) => itemsOf(alerts).filter((alert) => alertStatus(alert) === "firing"),
  "resolved ALERTS": ([alerts]) => itemsOf(alerts).filter((alert) => alertStatus(alert) === "resolved"),
};

const mapCalls: Readonly<Record<string, Call>> = {
  "dict [KEY_AND_VALUE...]": (values) => dict(values),
  "sortedPairs MAP": ([map]) => toSortedPairs(map),
  "names MAP": ([map]) => pairNames(map),
  "values MAP": ([map]) => pairValues(map),
  "remove MAP NAMES": ([map, names]) => withoutNames(map, itemsOf(names).map(goText)),
  "routeLabels NAME": ([name], { root }) => goText(elementOf(isMap(root) ? ownValue(root, "routeLabels") : null, name)),
};

const logicCalls: Readonly<Record<string, Call>> = {
  "and VALUE [VALUE...]": (values) => (values.every(isTrue) ? values.at(-1) : values.find((value) => !isTrue(value))),
  "or VALUE [VALUE...]": (values) => (values.some(isTrue) ? values.find(isTrue) : values.at(-1)),
  "not VALUE": ([value]) => !isTrue(value),
  "default VALUE FALLBACK": ([value, fallback]) => (isTrue(value) ? value : fallback),
  "eq VALUE OTHER [OTHER...]": ([value, ...others]) => others.some((other) => isEqual(value, other)),
  "ne A B": ([a, b]) => !isEqual(a, b),
  "lt A B": ([a, b]) => compareValues(a, b) < 0,
  "le A B": ([a, b]) => compareValues(a, b) <= 0,
  "gt A B": ([a, b]) => compareValues(a, b) > 0,
  "ge A B": ([a, b]) => compareValues(a, b) >= 0,
};

function patternCalls(): Readonly<Record<string, Call>> {
  const patterns = createPatterns();
  return {
    "match PATTERN TEXT": ([pattern, text]) => patterns.isMatch(goText(pattern), goText(text)),
    "reReplaceAll PATTERN REPLACEMENT TEXT": ([pattern, replacement, text]) =>
      patterns.replaceAll(goText(pattern), goText(replacement), goText(text)),
  };
}

function timeCalls(): Readonly<Record<string, Call>> {
  const zones = createZones();
  const zoneOf = (name: string, { timezone }: HelperScope) => zones.load(name === "Local" ? timezone : name);
  const now = (scope: HelperScope) => times.timestampOf(scope.now, zoneOf("Local", scope));
  return {
    "date LAYOUT TIME": ([layout, time]) => formatTime(timeOf(time), goText(layout)),
    "format TIME LAYOUT": ([time, layout]) => formatTime(timeOf(time), goText(layout)),
    "tz ZONE TIME": ([zone, time], scope) => times.inZone(timeOf(time), zoneOf(goText(zone), scope)),
    "utc TIME": ([time]) => times.inZone(timeOf(time), UTC),
    now: (_, scope) => now(scope),
    "since TIME": ([time], scope) => times.timeBetween(timeOf(time), now(scope)),
    "toDate LAYOUT TEXT": ([layout, text]) => parsedOrZero(goText(layout), goText(text)),
    "mustToDate LAYOUT TEXT": ([layout, text]) => parseTime(goText(layout), goText(text)),
    "unix TIME": ([time]) => times.unixSeconds(timeOf(time)),
    "isZero TIME": ([time]) => times.isZero(timeOf(time)),
    "add TIME DURATION": ([time, duration]) => times.addDuration(timeOf(time), durationOf(duration)),
    "sub TIME EARLIER": ([time, earlier]) => times.timeBetween(timeOf(earlier), timeOf(time)),
  };
}

/** Nobody is on call in a rotation that does not exist: the name may be that of a label. */
function onCallCalls(rotations: ReadonlyMap<string, Rotation>): Readonly<Record<string, Call>> {
  // A shift takes 0.1 ms to find, and each alert of a storm asks for the same one.
  const found = new Map<Rotation, Shift>();
  return {
    "oncall ROTATION": ([name], { now }) => {
      const rotation = rotations.get(goText(name));
      if (rotation === undefined) return "";
      const known = found.get(rotation);
      const shift = known && known.startsAt <= now && now < known.endsAt ? known : shiftAt(rotation, now);
      found.set(rotation, shift);
      return shift.who;
    },
  };
}

function parsedOrZero(layout: string, text: string): times.Timestamp {
  try {
    return parseTime(layout, text);
  } catch {
    return times.ZERO_TIME;
  }
}

function timeOf(value: unknown): times.Timestamp {
  if (!times.isTimestamp(value)) throw new Error(`expected a time, got ${goText(value) || "nothing"}`);
  return value;
}

/** A duration, nanoseconds as in Go, or text like 8h. */
function durationOf(value: unknown): Duration {
  if (isDuration(value)) return value;
  return typeof value === "number" ? createDuration(BigInt(wholeNumber(value))) : parseDuration(goText(value));
}

function wholeNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new Error(`expected a whole number, got ${goText(value)}`);
  return value;
}

function itemsOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`expected a list, got ${goText(value)}`);
  return value;
}

function alertStatus(alert: unknown): unknown {
  return isMap(alert) ? ownValue(alert, "status") : undefined;
}

function dict(values: readonly unknown[]): object {
  if (values.length % 2 !== 0) throw new Error("dict requires an even number of arguments");
  const keys = values.filter((_, index) => index % 2 === 0);
  return mapOf(
    keys.map((key, index) => {
      if (typeof key !== "string") throw new Error(`dict keys must be text, got ${goText(key)}`);
      return [key, values[index * 2 + 1]] as const;
    }),
  );
}

export type Block = (this: unknown, value: unknown, options: Handlebars.HelperOptions) => string;

export function createBlocks(): ReadonlyMap<string, Block> {
  return new Map(Object.entries({ if: ifBlock, unless: unlessBlock, with: withBlock, each: eachBlock }));
}

function isTruthy(value: unknown, options: Handlebars.HelperOptions): boolean {
  return isTrue(value) || (options.hash.includeZero === true && value === 0);
}

function ifBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  return isTruthy(value, options) ? options.fn(this) : options.inverse(this);
}

function unlessBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  return isTruthy(value, options) ? options.inverse(this) : options.fn(this);
}

function withBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  if (!isTrue(value)) return options.inverse(this);
  return options.fn(value, blockOptions(options.data, [value]));
}

function eachBlock(this: unknown, value: unknown, options: Handlebars.HelperOptions): string {
  const entries = entriesOf(value);
  if (entries.length === 0) return options.inverse(this);
  const data = Handlebars.createFrame(options.data);
  return entries
    .map(([key, item], index) => {
      Object.assign(data, { key, index, first: index === 0, last: index === entries.length - 1 });
      return options.fn(item, blockOptions(data, [item, key]));
    })
    .join("");
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  if (isMap(value)) return sortedKeys(value).map((key) => [key, value[key]] as const);
  return [];
}

// Handlebars reads `path`, the positions of the block parameters, only when it tracks ids, and it does not here.
function blockOptions(data: object, values: readonly unknown[]): Handlebars.RuntimeOptions {
  return { data, blockParams: Handlebars.Utils.blockParams([...values], []) };
}
