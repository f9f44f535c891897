// An alert as its Alertmanager has it now, and what a silence of it would cover.

import type { SilenceSettings } from "../config/links.ts";
import type { LabelMatcher } from "../domain/action.ts";
import { type Alert, type AlertGroup, commonPairs } from "../domain/alert.ts";
import type { SilenceScope } from "../domain/silence.ts";
import type { AlertmanagerClient, AlertmanagerReply } from "./alertmanager.ts";
import type { CurrentAlert, CurrentSilence } from "./alertmanager-answers.ts";
import { alertFilters, covering, exceptions, hasExactly, labelsKey, opposite, scopeMatchers } from "./silence.ts";

export type AlertNow =
  /** `noAnswer`: within the deadline. `detail`: what Alertmanager said, or the code of the failure. */
  | {
      readonly kind: "unknown";
      readonly why: "unknownAlertmanager" | "noAnswer" | "rejected";
      readonly detail: string;
    }
  | { readonly kind: "gone" }
  | { readonly kind: "firing"; readonly current: CurrentAlert; readonly silences: readonly CurrentSilence[] };

/** A scope that the alert has the labels for. */
export interface ScopeNow {
  readonly scope: SilenceScope;
  /** Matchers of the silence, exclusions included. */
  readonly matchers: readonly LabelMatcher[];
  /** What the silence excludes from its scope. */
  readonly except: readonly LabelMatcher[];
  /** The alerts that it would cover now; null when that is not known. */
  readonly covered: readonly CurrentAlert[] | null;
}

export interface AlertLook {
  readonly now: AlertNow;
  /** Empty unless the alert fires: there is nothing to silence. */
  readonly scopes: readonly ScopeNow[];
}

export interface LookOptions {
  readonly rules: Pick<SilenceSettings, "scopes" | "never">;
  /** For the alerts, and again for the silences that cover this one. */
  readonly deadlineMs: number;
}

/** At most this many silences of an alert are asked for. */
const mostSilences = 3;

/** @param client null: the alert is of no Alertmanager that the config names */
export async function lookAt(
  { labels }: Alert,
  client: AlertmanagerClient | null,
  { rules: { scopes, never }, deadlineMs }: LookOptions,
): Promise<AlertLook> {
  if (client === null) return { now: ofNoAlertmanager, scopes: [] };
  const wanted = [...new Set<SilenceScope>(["alert", ...scopes])].flatMap((scope) => {
    const matchers = scopeMatchers(scope, labels);
    if (matchers === null) return [];
    const except = exceptions({ labels, matchers, never });
    return [{ scope, matchers: [...matchers, ...except.map(opposite)], except }];
  });
  const looked = await Promise.all(
    wanted.map(async ({ scope, matchers, except }) => {
      const reply = await client.alerts(alertFilters(matchers), deadlineMs);
      return { scope, matchers, except, reply, covered: coveredBy(reply, matchers) };
    }),
  );
  const own = looked.find(({ scope }) => scope === "alert");
  if (own === undefined) return { now: { kind: "gone" }, scopes: [] };
  if (own.covered === null) return { now: unknownAfter(own.reply), scopes: [] };
  const current = own.covered.find((alert) => hasExactly(alert.labels, labels));
  if (current === undefined) return { now: { kind: "gone" }, scopes: [] };
  const silences = await silencesOf(current, client, deadlineMs);
  return { now: { kind: "firing", current, silences }, scopes: looked.filter(({ scope }) => scopes.includes(scope)) };
}

const ofNoAlertmanager: AlertNow = { kind: "unknown", why: "unknownAlertmanager", detail: "" };

function unknownAfter(reply: AlertmanagerReply<unknown>): AlertNow {
  const detail =
    reply.kind === "rejected" ? `${reply.status} ${reply.message}` : reply.kind === "failed" ? reply.code : "";
  return { kind: "unknown", why: reply.kind === "rejected" ? "rejected" : "noAnswer", detail };
}

function coveredBy(
  reply: AlertmanagerReply<readonly CurrentAlert[]>,
  matchers: readonly LabelMatcher[],
): readonly CurrentAlert[] | null {
  if (reply.kind !== "answered") return null;
  const covers = covering(matchers);
  return reply.value.filter(({ labels }) => covers(labels));
}

async function silencesOf(
  { silencedBy }: CurrentAlert,
  client: AlertmanagerClient,
  deadlineMs: number,
): Promise<readonly CurrentSilence[]> {
  const replies = await Promise.all(silencedBy.slice(0, mostSilences).map((id) => client.silence(id, deadlineMs)));
  return replies.flatMap((reply) => (reply.kind === "answered" && reply.value.isActive ? [reply.value] : []));
}

interface SentAlert {
  readonly alert: Alert;
  readonly group: Pick<AlertGroup, "externalURL">;
}

/** The state of each alert, with one request to each Alertmanager. */
export async function statesOf(
  sent: readonly SentAlert[],
  clientOf: (externalURL: string | null) => AlertmanagerClient | null,
  deadlineMs: number,
): Promise<readonly AlertNow[]> {
  const byClient = Map.groupBy(sent, ({ group }) => clientOf(group.externalURL));
  const states = new Map<Alert, AlertNow>();
  const asking = [...byClient].map(async ([client, own]) => {
    const alerts = own.map(({ alert }) => alert);
    const found = client === null ? [] : await statesAt(client, alerts, deadlineMs);
    for (const [n, alert] of alerts.entries()) states.set(alert, found[n] ?? ofNoAlertmanager);
  });
  await Promise.all(asking);
  return sent.map(({ alert }) => states.get(alert) ?? ofNoAlertmanager);
}

async function statesAt(
  client: AlertmanagerClient,
  alerts: readonly Alert[],
  deadlineMs: number,
): Promise<readonly AlertNow[]> {
  const shared = scopeMatchers("alert", commonPairs(alerts.map(({ labels }) => labels))) ?? [];
  const reply = await client.alerts(alertFilters(shared), deadlineMs);
  if (reply.kind !== "answered") return alerts.map(() => unknownAfter(reply));
  // A group and an answer may have ten thousand each.
  const byLabels = new Map(reply.value.map((current) => [labelsKey(current.labels), current]));
  return alerts.map(({ labels }) => {
    const current = byLabels.get(labelsKey(labels));
    return current === undefined ? { kind: "gone" } : { kind: "firing", current, silences: [] };
  });
}

/** Where it is not known, it is what its message said. */
export function firesNow({ status }: Alert, now: AlertNow): boolean {
  return now.kind === "firing" || (now.kind === "unknown" && status === "firing");
}
