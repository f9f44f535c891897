// A URL that a reader may open: absolute, http or https. Everything else a sender writes there is no link.

/**
 * Keeps the sender's spelling, except where white space, control characters or backslashes stand in it: then as a browser reads it.
 * Grafana's test alerts carry a bare query (`?orgId=1`): it is read relative to `base`. Other relative forms are no link,
 * because people write host names without a scheme there.
 */
export function readLink(value: unknown, base: string | null = null): string | null {
  if (typeof value !== "string" || value === "") return null;

  const isBareQuery = value.startsWith("?");
  const url = isBareQuery ? URL.parse(value, base ?? undefined) : URL.parse(value);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return null;

  return plainUrl.test(value) ? value : url.href;
}

const plainUrl = /^https?:\/\/[^\s\p{Cc}\\]+$/iu;
