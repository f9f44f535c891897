// Which alerts a silence covers, and whether it may be made.

import type { LabelMatcher } from "../domain/action.ts";
import type { LabelSet } from "../domain/alert.ts";
import type { SilenceScope } from "../domain/silence.ts";
import { compileMatcher, type Matcher, matcherText } from "../route/matcher.ts";

/** Labels without a value are no labels (Alertmanager drops them). */
function labelPairs(labels: LabelSet): readonly LabelMatcher[] {
  return Object.entries(labels).flatMap(([name, value]) => (value === "" ? [] : [{ name, op: "=", value }]));
}

/** By scope, the label that alerts must share with this one. Of several clusters behind one Alertmanager only this one is meant. */
const sharedLabels = { instance: ["instance", "cluster"], rule: ["alertname", "cluster"] } as const;

/** Null when the alert does not have the label that the scope is about. */
export function scopeMatchers(scope: SilenceScope, labels: LabelSet): readonly LabelMatcher[] | null {
  const pairs = labelPairs(labels);
  if (scope === "alert") return pairs.length > 0 ? pairs : null;
  const [needed, ...others] = sharedLabels[scope];
  const wanted: readonly string[] = [needed, ...others];
  return pairs.some(({ name }) => name === needed) ? pairs.filter(({ name }) => wanted.includes(name)) : null;
}

/** Tells whether a silence with these matchers covers an alert. All matchers are valid. */
export function covering(matchers: readonly LabelMatcher[]): (labels: LabelSet) => boolean {
  const compiled = matchers.map((one) => {
    const matcher = compileMatcher(one);
    if (typeof matcher === "string") throw new Error(`a matcher of a silence cannot be read: ${matcher}`);
    return matcher;
  });
  return (labels) => compiled.every((matcher) => matcher.matches(labels));
}

/** An empty label is the same as none. */
export function hasExactly(labels: LabelSet, wanted: LabelSet): boolean {
  const pairs = labelPairs(wanted);
  const isHeld = ({ name, value }: LabelMatcher) => Object.hasOwn(labels, name) && labels[name] === value;
  return pairs.length === labelPairs(labels).length && pairs.every(isHeld);
}

/** Equal for labels of which `hasExactly` says that they are. */
export function labelsKey(labels: LabelSet): string {
  const pairs = labelPairs(labels).map(({ name, value }) => [name, value] as const);
  return JSON.stringify(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** @param never entries of `silence.never`; of one entry all matchers must match */
export function isNeverSilenced(labels: LabelSet, never: readonly (readonly Matcher[])[]): boolean {
  return never.some((matchers) => matchers.every((matcher) => matcher.matches(labels)));
}

export interface SilenceLimits {
  /** Of the alert to silence. */
  readonly labels: LabelSet;
  /** As `scopeMatchers` makes them. */
  readonly matchers: readonly LabelMatcher[];
  readonly never: readonly (readonly Matcher[])[];
}

/**
 * What a silence excludes, so that it never covers a protected alert, now or later. If an entry of `never` has several matchers, only
 * the first that does not match the alert itself is used, since all matchers of a silence must match. So more is excluded than the
 * entry says.
 */
export function exceptions({ labels, matchers, never }: SilenceLimits): readonly LabelMatcher[] {
  const shared = Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
  const excepted = never.flatMap((entry): readonly LabelMatcher[] => {
    // No alert in the scope can match this entry.
    if (entry.some((one) => Object.hasOwn(shared, one.name) && !one.matches(shared))) return [];
    const other = entry.find((one) => !one.matches(labels));
    return other === undefined ? [] : [{ name: other.name, op: other.op, value: other.value }];
  });
  return [...new Map(excepted.map((one) => [matcherText(one), one])).values()];
}

const opposites = { "=": "!=", "!=": "=", "=~": "!~", "!~": "=~" } as const;

export function opposite({ name, op, value }: LabelMatcher): LabelMatcher {
  return { name, op: opposites[op], value };
}

/** Names that every version of Alertmanager reads without quotes. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An address with more may be too long for a proxy. */
const mostFilters = 30;
const longestValue = 200;

/**
 * Filters for `/api/v2/alerts` that all alerts of these matchers pass. Others may pass too: only some matchers are used where there
 * are many, only equal ones, and none with a name that versions before 0.27 cannot read, unless there are no others.
 */
export function alertFilters(matchers: readonly LabelMatcher[]): readonly string[] {
  const equal = matchers.filter(({ op }) => op === "=");
  const plain = equal.filter(({ name, value }) => plainName.test(name) && value.length <= longestValue);
  return (plain.length > 0 ? plain : equal).slice(0, mostFilters).map(filterText);
}

/**
 * Read alike by both parsers of Alertmanager: that of its UTF-8 notation unquotes as Go does, the classic one knows only these
 * three escapes (prometheus/alertmanager pkg/labels/parse.go).
 */
function filterText({ name, value }: LabelMatcher): string {
  return `${plainName.test(name) ? name : quoted(name)}=${quoted(value)}`;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
