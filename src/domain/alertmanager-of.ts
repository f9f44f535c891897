// Finds the entry of `alertmanagers` that sent a webhook, by the externalURL of the webhook.

/** The name of the entry that has this externalURL; null when none has. */
export type AlertmanagerOf = (externalURL: string | null) => string | null;

/** By name. */
export type AlertmanagerAddresses = ReadonlyMap<string, { readonly externalURLs: readonly string[] }>;

export function alertmanagersByURL(entries: AlertmanagerAddresses): AlertmanagerOf {
  const names = new Map(
    [...entries].flatMap(([name, { externalURLs }]) => externalURLs.map((url) => [addressOf(url), name] as const)),
  );
  return (externalURL) => (externalURL === null ? null : (names.get(addressOf(externalURL)) ?? null));
}

/** The case of the host name and a slash at the end do not matter. */
function addressOf(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
}
