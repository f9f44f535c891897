// The Alertmanagers of one configuration. The externalURL of a webhook says which one sent it, never where it is.

import type { AlertmanagerSettings } from "../config/alertmanagers.ts";
import { authorizationHeader } from "../config/outgoing-credential.ts";
import { alertmanagersByURL } from "../domain/alertmanager-of.ts";
import type { NamedAlertmanager } from "./act.ts";
import { createAlertmanagerClient } from "./alertmanager.ts";

export interface Alertmanagers {
  /** Null for one that the config does not name. */
  of(externalURL: string | null): NamedAlertmanager | null;
  /** By its name in the config. */
  named(name: string): NamedAlertmanager | null;
  close(): Promise<void>;
}

export function createAlertmanagers(settings: ReadonlyMap<string, AlertmanagerSettings>): Alertmanagers {
  const all = [...settings.values()].map((one) => ({
    name: one.name,
    client: createAlertmanagerClient({ urls: one.urls, headers: () => headersOf(one), ca: one.ca }),
  }));
  const named = (name: string | null) => all.find((one) => one.name === name) ?? null;
  const nameOf = alertmanagersByURL(settings);
  return {
    of: (externalURL) => named(nameOf(externalURL)),
    named,
    async close() {
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}

function headersOf({ credential, headers }: AlertmanagerSettings): Readonly<Record<string, string>> {
  const authorization = credential === null ? {} : { authorization: authorizationHeader(credential) };
  return { ...Object.fromEntries(headers), ...authorization };
}
