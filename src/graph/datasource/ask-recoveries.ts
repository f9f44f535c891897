// Asks what the alerts of one rule that ended together have recovered to.

import type { Alert } from "../../domain/alert.ts";
import type { Recovery } from "../../domain/recovery.ts";
import type { Expression } from "../expression.ts";
import { indexSeries } from "./alert-series.ts";
import type { Datasource } from "./datasource.ts";
import { type FoundRecovery, recoveryFrom, recoverySeenAt } from "./recovery-of.ts";

export interface RecoveryQuestion {
  readonly datasource: Datasource;
  /** Comparable. */
  readonly expression: Expression;
  readonly alerts: readonly Alert[];
  readonly endsAt: number;
  /** By the machine's clock. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Another replica may see the recovery later, by one scrape interval. */
const secondLookMs = 60_000;

export async function askRecoveries(question: RecoveryQuestion): Promise<readonly (readonly [string, Recovery])[]> {
  const { alerts, endsAt, now } = question;
  const seenAt = recoverySeenAt(endsAt, now);
  const seen = await recoveriesAt(question, seenAt);
  const laterAt = Math.min(endsAt + secondLookMs, now);
  const later = seen.some(isBreaching) && laterAt > seenAt ? await recoveriesAt(question, laterAt) : [];
  const found = seen.map((one, n) => (isBreaching(one) && isValue(later[n]) ? later[n] : one));
  const gone = await goneOf(
    question,
    alerts.filter((_, n) => found[n] === "absent"),
  );
  return alerts.flatMap(({ identity }, n) => {
    const one = found[n] ?? null;
    const recovery = one === "absent" ? (gone.get(identity) ?? null) : one;
    return recovery === null ? [] : [[identity, recovery] as const];
  });
}

/** Of each alert; none when the datasource does not answer. */
async function recoveriesAt(
  { datasource, expression, alerts, signal }: RecoveryQuestion,
  at: number,
): Promise<readonly FoundRecovery[]> {
  const asked = await datasource.instant(expression.draw, at, signal);
  if (asked.kind === "failed") return [];
  const { series, isPartial } = asked.value;
  const find = indexSeries(
    series,
    alerts.map(({ labels }) => labels),
  );
  return alerts.map((alert) => {
    const found = recoveryFrom(find, alert, expression);
    return found === "absent" && isPartial ? null : found;
  });
}

/**
 * By identity, of the alerts that had a series when the last of them began: then all of them fired. Others never had one with these
 * labels, since a rule may change labels.
 */
async function goneOf(
  { datasource, expression, signal }: RecoveryQuestion,
  absent: readonly Alert[],
): Promise<ReadonlyMap<string, Recovery>> {
  const starts = absent.flatMap(({ startsAt }) => startsAt ?? []);
  if (starts.length === 0) return new Map();
  const asked = await datasource.instant(expression.draw, Math.max(...starts), signal);
  if (asked.kind === "failed") return new Map();
  const find = indexSeries(
    asked.value.series,
    absent.map(({ labels }) => labels),
  );
  const gone = absent.filter(({ labels }) => find(labels).length > 0);
  return new Map(gone.map(({ identity }) => [identity, { kind: "gone" }]));
}

function isValue(found: FoundRecovery | undefined): found is Extract<Recovery, { kind: "value" }> {
  return found !== undefined && found !== null && found !== "absent" && found.kind === "value";
}

function isBreaching(found: FoundRecovery): boolean {
  return isValue(found) && found.isBreaching;
}
