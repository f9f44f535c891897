// Posts webhooks as Alertmanager does: what is not answered 2xx is posted again.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

type Labels = Readonly<Record<string, string | undefined>>;

interface FiringAlert {
  readonly labels: Labels;
  readonly annotations?: Labels;
}

/** Firing alerts, in the group that `group` names. */
export function webhookOf(firing: readonly FiringAlert[], group: Labels, startsAt = Date.now()): string {
  const since = new Date(startsAt).toISOString();
  const alerts = firing.map((alert) => ({ status: "firing", annotations: {}, startsAt: since, ...alert }));
  return JSON.stringify({ version: "4", alerts, groupLabels: group, groupKey: `{}:${JSON.stringify(group)}` });
}

/** A sender does not distinguish a refusal, a lost connection and a late answer. Fails for an answer that says the webhook is wrong. */
export async function isTaken(url: string, body: string): Promise<boolean> {
  const options = { method: "POST", body, signal: AbortSignal.timeout(3_000) };
  const answer = await fetch(url, options).catch(() => null);
  await answer?.arrayBuffer().catch(() => undefined);
  assert.ok(answer === null || answer.status === 200 || answer.status >= 500, `unexpected status ${answer?.status}`);
  return answer?.status === 200;
}

/** @param url asked again before each try: another replica may be there by then */
export async function postUntilTaken(url: () => string, body: string, refused: () => void = () => {}): Promise<void> {
  while (!(await isTaken(url(), body))) {
    refused();
    await delay(20);
  }
}
