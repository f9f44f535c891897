// `alertmanagers`: who is asked for the state of an alert on the phone page, and makes its silences.

import * as z from "zod";
import { baseURL, section, withCheck } from "./fields.ts";
import type { SecretSources } from "./secret-fields.ts";
import { accessFields, accessIn, accessIssues, type ServerAccess, serverIssues, serverNames } from "./servers.ts";

/** One Alertmanager, or a cluster, whose members share their silences. */
export interface AlertmanagerSettings extends ServerAccess {
  readonly name: string;
  /** Without a trailing slash; alerts with one of them as their externalURL are of this Alertmanager. */
  readonly externalURLs: readonly string[];
  /** Without a trailing slash; `/api/v2/…` follows. */
  readonly urls: readonly string[];
}

export function alertmanagersField(sources: SecretSources) {
  const addresses = z.array(baseURL).min(1, "expected at least one address");
  const alertmanager = section({
    external_urls: addresses.describe(
      "The externalURL of its webhooks: its --web.external-url; for a cluster, those of all members.",
    ),
    urls: addresses.describe("Addresses that are asked, until one answers; `/api/v2/…` follows."),
    ...accessFields(sources),
  }).describe("One Alertmanager or cluster, under a name of your choice.");
  const alertmanagers = z.record(z.string(), withCheck(alertmanager, accessIssues));
  return withCheck(alertmanagers, serverIssues("external_urls"))
    .prefault({})
    .describe("Alertmanagers that the phone page may ask about alerts, and in which it may make silences.")
    .meta(serverNames);
}

/** Only for a config without issues. */
export function buildAlertmanagers(
  written: z.output<ReturnType<typeof alertmanagersField>>,
): ReadonlyMap<string, AlertmanagerSettings> {
  const built = Object.entries(written).map(([name, one]): readonly [string, AlertmanagerSettings] => [
    name,
    { name, externalURLs: one.external_urls, urls: one.urls, ...accessIn(one) },
  ]);
  return new Map(built);
}
