// What `datasources` and `alertmanagers` have in common: servers under names of the operator's choice, how they are asked, and the
// addresses by which an alert belongs to one of them.

import * as z from "zod";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { filledText } from "./fields.ts";
import { inQuotes } from "./in-quotes.ts";
import { credentialFields, credentialIssues, type OutgoingCredential } from "./outgoing-credential.ts";
import { certificatesField, type SecretSources } from "./secret-fields.ts";

export interface ServerAccess {
  readonly credential: OutgoingCredential | null;
  /** Sent with each request, like the tenant. */
  readonly headers: ReadonlyMap<string, string>;
  /** PEM text of authorities that are trusted besides those that Node trusts; null for none. */
  readonly ca: string | null;
}

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, "not a name that HTTP allows; use letters, digits and -");

const headerValue = filledText()
  .regex(/^[\x20-\x7e]+$/u, "not a value that HTTP allows; use printable ASCII characters")
  .describe("Its value. Not for secrets: the configuration page shows it.");

export function accessFields(sources: SecretSources) {
  return {
    ...credentialFields(sources),
    headers: z
      .record(headerName, headerValue)
      .prefault({})
      .describe("Headers that are sent with each request, like X-Scope-OrgID for a tenant."),
    ca_file: certificatesField(sources)
      .prefault("")
      .describe("PEM file of additional certificate authorities. Empty: none."),
  };
}

/** The client sets these itself. */
const ownHeaders = new Set([
  ...["connection", "content-length", "content-type", "expect", "host", "keep-alive", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "accept-encoding"],
]);

/** Of a section with `accessFields`, as far as it could be parsed. */
export function accessIssues(server: unknown): readonly PlacedMessage[] {
  const names = Object.keys(mappingOf(valueAtPath(server, ["headers"])) ?? {});
  const wrong = names.flatMap((name): readonly PlacedMessage[] => {
    const message = headerDefect(name.toLowerCase());
    return message === null ? [] : [{ code: "bad_value", path: ["headers", name], of: "key", message }];
  });
  return [...credentialIssues(server), ...wrong];
}

function headerDefect(name: string): string | null {
  if (name === "authorization") return "give bearer or basic in place of this header";
  if (/cookie/u.test(name)) return "a cookie is a secret; give bearer or basic in place of this header";
  return ownHeaders.has(name) ? "this header is set by the client; remove it" : null;
}

/** A label of metrics. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

const nameRule = "a name is 1 to 64 letters, digits, _, . or - without blanks; it starts with a letter or digit";

/** For the JSON schema of a mapping of servers. */
export const serverNames = { propertyNames: { type: "string", pattern: namePattern.source } } as const;

/** @param addresses the key of the addresses by which an alert belongs to one server */
export function serverIssues(addresses: string): (servers: unknown) => readonly PlacedMessage[] {
  return (servers) => [...badNames(servers), ...sharedAddresses(servers, addresses)];
}

function badNames(servers: unknown): readonly PlacedMessage[] {
  const names = Object.keys(mappingOf(servers) ?? {}).filter((name) => !namePattern.test(name));
  return names.map((name) => ({ code: "bad_value", path: [name], of: "key", message: nameRule }));
}

function sharedAddresses(servers: unknown, key: string): readonly PlacedMessage[] {
  const written = Object.entries(mappingOf(servers) ?? {}).flatMap(([name, one]) => {
    const urls = valueAtPath(one, [key]);
    if (!Array.isArray(urls)) return [];
    return urls.flatMap((url: unknown, index) =>
      typeof url === "string" && URL.canParse(url) ? [{ name, url, path: [name, key, index] }] : [],
    );
  });
  const byURL = Map.groupBy(written, ({ url }) => new URL(url).href);
  return [...byURL.values()].flatMap(([first, ...others]) =>
    others.map(({ path }): PlacedMessage => {
      const message = `already an address of ${inQuotes(first?.name ?? "")}; remove one of them`;
      return { code: "bad_value", path, of: "value", message };
    }),
  );
}

interface WrittenAccess {
  readonly bearer?: OutgoingCredential | undefined;
  readonly basic?: OutgoingCredential | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca_file: { readonly pem: string } | null;
}

/** Only for a config without issues. */
export function accessIn({ bearer, basic, headers, ca_file: ca }: WrittenAccess): ServerAccess {
  return { credential: bearer ?? basic ?? null, headers: new Map(Object.entries(headers)), ca: ca?.pem ?? null };
}
