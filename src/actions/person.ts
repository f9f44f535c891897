// Who acts. A link proves that somebody can read the group, not who it is: a name that readers give themselves is marked as such. A
// proxy that they log in to may say who they are.

import ipaddr from "ipaddr.js";
import type { PageStrings } from "./strings.ts";

/** Somebody who acts, or nobody: then a name must be given. */
export interface Actor {
  readonly name: string;
  /** A trusted proxy said so. */
  readonly isProven: boolean;
}

const longestName = 32;

/** In one line without characters that hide or reverse text, at most 32 characters; empty when nothing is left. */
export function personName(text: string): string {
  const clean = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return [...clean.toWellFormed()].slice(0, longestName).join("").trim();
}

/** As it is shown in the group, in Alertmanager and on the page. */
export function shownName({ name, isProven }: Actor, strings: PageStrings): string {
  return isProven ? name : strings.claimed(name);
}

export interface ProxyRules {
  readonly userHeader: string | null;
  readonly trustedProxies: readonly string[];
}

export interface AskedBy {
  /** Of the connection. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Null unless a trusted proxy says who it is. */
export function provenActor({ address, headers }: AskedBy, { userHeader, trustedProxies }: ProxyRules): Actor | null {
  if (userHeader === null || !isAmong(address, trustedProxies)) return null;
  const header = headers[userHeader.toLowerCase()];
  const name = personName(typeof header === "string" ? decoded(header) : "");
  return name === "" ? null : { name, isProven: true };
}

function isAmong(address: string, ranges: readonly string[]): boolean {
  const [plain = ""] = address.split("%");
  if (!ipaddr.isValid(plain)) return false;
  const parsed = ipaddr.process(plain);
  return ranges.some((range) => {
    const [base, bits] = range.includes("/") ? ipaddr.parseCIDR(range) : [ipaddr.process(range), null];
    if (base.kind() !== parsed.kind()) return false;
    return bits === null ? base.toString() === parsed.toString() : parsed.match(base, bits);
  });
}

/** Node reads headers as Latin-1; proxies write names as UTF-8. */
function decoded(header: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(header, "latin1"));
  } catch {
    return header;
  }
}

const cookieName = "alertmanager_wecom_who";
const rememberedSeconds = 180 * 86_400;

/** `Set-Cookie`. Without a path it is for this page's folder, whatever a proxy calls it. */
export function rememberName(name: string, { secure }: { readonly secure: boolean }): string {
  const flags = `Max-Age=${rememberedSeconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
  return `${cookieName}=${encodeURIComponent(name)}; ${flags}`;
}

/** Empty when none is remembered. */
export function rememberedName(cookies: string | undefined): string {
  const value = new RegExp(`(?:^|;\\s*)${cookieName}=([^;]*)`, "u").exec(cookies ?? "")?.[1] ?? "";
  try {
    return personName(decodeURIComponent(value));
  } catch {
    return "";
  }
}
