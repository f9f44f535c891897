// The Alertmanagers of one configuration. The externalURL of a webhook says which one sent it, never where it is.

import type { AlertmanagerSettings } from "../config/alertmanagers.ts";
import { authorizationHeader } from "../config/outgoing-credential.ts";
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
    addresses: one.externalURLs.map(addressOf),
    client: createAlertmanagerClient({ urls: one.urls, headers: () => headersOf(one), ca: one.ca }),
  }));
  return {
    of(externalURL) {
      const address = externalURL === null ? null : addressOf(externalURL);
      return all.find(({ addresses }) => address !== null && addresses.includes(address)) ?? null;
    },
    named: (name) => all.find((one) => one.name === name) ?? null,
    async close() {
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}

function headersOf({ credential, headers }: AlertmanagerSettings): Readonly<Record<string, string>> {
  const authorization = credential === null ? {} : { authorization: authorizationHeader(credential) };
  return { ...Object.fromEntries(headers), ...authorization };
}

/** Host names are the same in any case, and a slash at the end does not matter. */
function addressOf(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
}
