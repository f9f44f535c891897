// Which entry of `alertmanagers` sent a webhook. Its externalURL says so.

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

/** Host names are the same in any case, and a slash at the end does not matter. */
function addressOf(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
}
