// The shape of a file for --web.config.file: the format of prometheus/exporter-toolkit (docs/web-configuration.md), as far as it
// has a meaning here. What we can not do is refused, not ignored.

import * as z from "zod";
import { section } from "./fields.ts";

const text = z.string().min(1, "expected text, found nothing");

const clientAuthTypes = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "RequireClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

/** Go's names for TLS up to 1.2, and OpenSSL's. The suites of TLS 1.3 can not be chosen in Go either. */
export const cipherNames = {
  TLS_AES_128_GCM_SHA256: "TLS_AES_128_GCM_SHA256",
  TLS_AES_256_GCM_SHA384: "TLS_AES_256_GCM_SHA384",
  TLS_CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
} as const;

export const curveNames = { CurveP256: "P-256", CurveP384: "P-384", CurveP521: "P-521", X25519: "X25519" } as const;

/** OpenSSL 3 does not speak anything older without being told to be insecure. */
export const tlsVersions = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

function keysOf<Key extends string>(names: Readonly<Record<Key, string>>): readonly Key[] {
  return Object.keys(names) as Key[];
}

const tlsServer = section({
  cert: text.optional(),
  key: text.optional(),
  client_ca: text.optional(),
  cert_file: text.optional(),
  key_file: text.optional(),
  client_ca_file: text.optional(),
  client_auth_type: z.enum(clientAuthTypes).default("NoClientCert"),
  client_allowed_sans: z.array(text).default([]),
  min_version: z.enum(keysOf(tlsVersions)).default("TLS12"),
  max_version: z.enum(keysOf(tlsVersions)).default("TLS13"),
  cipher_suites: z.array(z.enum(keysOf(cipherNames))).default([]),
  prefer_server_cipher_suites: z.boolean().default(true),
  curve_preferences: z.array(z.enum(keysOf(curveNames))).default([]),
});

/** The headers that exporter-toolkit lets one set, and their values where it limits them. */
const headers = section({
  "Content-Security-Policy": z.string().optional(),
  "X-Frame-Options": z.enum(["", "deny", "sameorigin"]).optional(),
  "X-Content-Type-Options": z.enum(["", "nosniff"]).optional(),
  "X-XSS-Protection": z.string().optional(),
  "Strict-Transport-Security": z.string().optional(),
});

export const webConfigFile = section({
  tls_server_config: tlsServer.prefault({}),
  http_server_config: section({ http2: z.boolean().optional(), headers: headers.prefault({}) }).prefault({}),
  basic_auth_users: z.record(text.regex(/^[^:]*$/, "a user name has no colon in it"), z.string()).default({}),
});

export type WebConfigFile = z.output<typeof webConfigFile>;
export type TlsServerSection = WebConfigFile["tls_server_config"];
