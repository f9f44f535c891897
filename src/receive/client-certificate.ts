// Whether a client's certificate lets it in, beyond what OpenSSL has verified already. Pure.

import type { TlsConfig } from "../config/web-config.ts";

export interface Peer {
  /** Whether it sent a certificate at all. */
  readonly given: boolean;
  /** Whether the certificate leads to one of the client authorities. */
  readonly authorized: boolean;
  /** As Node writes it: `DNS:a.example, IP Address:10.0.0.1, URI:…, email:…`; empty for none. */
  readonly subjectAltName: string;
}

/** Null: it may come in. */
export function certificateFault(
  peer: Peer,
  { clientCertificate, allowedSans }: Pick<TlsConfig, "clientCertificate" | "allowedSans">,
): string | null {
  const required = clientCertificate === "any" || clientCertificate === "verified";
  if (required && !peer.given) return "the client sent no certificate";
  if (clientCertificate === "verifiedIfGiven" && peer.given && !peer.authorized) {
    return "the client's certificate is not of a client authority";
  }
  if (allowedSans.length === 0 || namesOf(peer.subjectAltName).some((name) => allowedSans.includes(name))) return null;
  return "none of the names in the client's certificate is in client_allowed_sans";
}

/** A value with a comma or a quote in it is written as a JSON string, so that it can not pass for two names. */
function namesOf(subjectAltName: string): readonly string[] {
  const entries = subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g);
  return [...entries].map(([, value = ""]) => (value.startsWith('"') ? String(JSON.parse(value)) : value));
}
