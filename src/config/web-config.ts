// The file of --web.config.file: how to listen. The format is that of prometheus/exporter-toolkit (docs/web-configuration.md);
// what this service cannot do is rejected, not ignored. Pure: load-web.ts reads the certificates.

import * as z from "zod";
import type { Issue } from "../domain/issue.ts";
import { readPasswordHash } from "./auth.ts";
import type { PasswordCredential } from "./config.ts";
import type { PlacedMessage } from "./document.ts";
import { bad, filledText, type Parsed, parsedText, rawIssue, section, userName } from "./fields.ts";
import { inQuotes } from "./in-quotes.ts";
import { parseConfigText } from "./parse-document.ts";
import { Secret } from "./secret.ts";
import type { SecretSources } from "./secret-fields.ts";

/** PEM text, or where it is. */
export type Pem = { readonly kind: "inline"; readonly text: Secret } | { readonly kind: "file"; readonly path: string };

/** `requested` is neither needed nor looked at; `any` is needed and not verified, as in Go's crypto/tls. */
export type ClientCertificate = "none" | "requested" | "any" | "verifiedIfGiven" | "verified";

export interface TlsConfig {
  readonly cert: Pem;
  readonly key: Pem;
  /** Null: the authorities that Node trusts. */
  readonly clientCa: Pem | null;
  readonly clientCertificate: ClientCertificate;
  /** One of them must be among the names of the client's certificate; empty: any. */
  readonly allowedSans: readonly string[];
  readonly minVersion: (typeof tlsVersions)[keyof typeof tlsVersions];
  readonly maxVersion: (typeof tlsVersions)[keyof typeof tlsVersions];
  /** OpenSSL's names; empty: Node's own choice. */
  readonly ciphers: readonly string[];
  readonly curves: readonly string[];
  readonly ownCipherOrder: boolean;
}

export interface WebConfig {
  /** Null: plain HTTP. */
  readonly tls: TlsConfig | null;
  /** Required for everything but the probes, in addition to `auth`; empty: anyone may. */
  readonly users: readonly PasswordCredential[];
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

export const plainWeb: WebConfig = { tls: null, users: [], headers: {} };

/** Go's names for TLS up to 1.2, and OpenSSL's. The suites of TLS 1.3 cannot be chosen in Go either. */
const cipherNames = {
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

const curveNames = { CurveP256: "P-256", CurveP384: "P-384", CurveP521: "P-521", X25519: "X25519" } as const;

/** OpenSSL 3 uses anything older only with insecure settings. */
const tlsVersions = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

const clientCertificates = {
  NoClientCert: "none",
  RequestClientCert: "requested",
  RequireAnyClientCert: "any",
  RequireClientCert: "any",
  VerifyClientCertIfGiven: "verifiedIfGiven",
  RequireAndVerifyClientCert: "verified",
} as const satisfies Readonly<Record<string, ClientCertificate>>;

function tableKeys<Name extends string>(names: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(names) as Name[];
}

type ReadFile = SecretSources["file"];

const pemText = parsedText(
  filledText(),
  (text): Parsed<Pem> => ({ value: { kind: "inline", text: new Secret(text) } }),
);

/** A file that can be read. The server reads it again when the certificates change. */
function pemFile(readFile: ReadFile) {
  return parsedText(filledText("a path"), (path): Parsed<Pem> => {
    const read = readFile(path);
    if (read.kind === "text") return { value: { kind: "file", path } };
    return bad(`file ${inQuotes(path)} cannot be read: ${read.message}`, "file_unreadable");
  });
}

function tlsServer(readFile: ReadFile) {
  const pemPath = pemFile(readFile);
  return section({
    cert: pemText.optional(),
    key: pemText.optional(),
    client_ca: pemText.optional(),
    cert_file: pemPath.optional(),
    key_file: pemPath.optional(),
    client_ca_file: pemPath.optional(),
    client_auth_type: z.enum(tableKeys(clientCertificates)).default("NoClientCert"),
    client_allowed_sans: z.array(filledText()).default([]),
    min_version: z.enum(tableKeys(tlsVersions)).default("TLS12"),
    max_version: z.enum(tableKeys(tlsVersions)).default("TLS13"),
    cipher_suites: z.array(z.enum(tableKeys(cipherNames))).default([]),
    prefer_server_cipher_suites: z.boolean().default(true),
    curve_preferences: z.array(z.enum(tableKeys(curveNames))).default([]),
  }).superRefine((tls, context) => {
    context.issues.push(...tlsIssues(tls).map(rawIssue));
  });
}

type TlsServerSection = z.output<ReturnType<typeof tlsServer>>;

/** The headers that exporter-toolkit allows, and their values where it limits them. */
const headers = section({
  "Content-Security-Policy": z.string().optional(),
  "X-Frame-Options": z.enum(["", "deny", "sameorigin"]).optional(),
  "X-Content-Type-Options": z.enum(["", "nosniff"]).optional(),
  "X-XSS-Protection": z.string().optional(),
  "Strict-Transport-Security": z.string().optional(),
});

/** Exporter-toolkit answers 429 above it. */
const noRateLimit = z
  .unknown()
  .refine(() => false, "rate_limit is not supported: a rejected webhook is an alert that is lost; remove it");

function webConfigFile(readFile: ReadFile) {
  return section({
    tls_server_config: tlsServer(readFile).transform(tlsOf).prefault({}),
    http_server_config: section({ http2: z.boolean().default(false), headers: headers.prefault({}) }).prefault({}),
    basic_auth_users: z.record(userName, parsedText(z.string(), readPasswordHash)).default({}),
    rate_limit: noRateLimit.optional(),
  });
}

type CheckedWebConfig =
  | { readonly kind: "web"; readonly web: WebConfig; readonly warnings: readonly Issue[] }
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] };

/** An emptied file is not read as the wish to let everybody in, unlike in exporter-toolkit. */
const emptyFile: Issue = {
  code: "bad_value",
  path: "",
  line: 1,
  column: 1,
  message: "the file is empty; for plain HTTP without users leave --web.config.file out",
};

export function checkWebConfig(text: string, readFile: ReadFile): CheckedWebConfig {
  if (text.replace(/#.*|^---/gm, "").trim() === "") return { kind: "invalid", issues: [emptyFile] };
  const parsed = parseConfigText(text, webConfigFile(readFile));
  if (parsed.kind === "invalid") return parsed;
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = parsed.value;
  const web: WebConfig = {
    tls,
    users: Object.entries(users).map(([username, passwordHash]) => ({ kind: "basic", username, passwordHash })),
    headers: Object.fromEntries(
      Object.entries(http.headers).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
    ),
  };
  return { kind: "web", web, warnings: http.http2 ? [parsed.issueAt(http2Warning)] : [] };
}

const http2Warning: PlacedMessage = {
  code: "bad_value",
  path: ["http_server_config", "http2"],
  of: "value",
  message: "HTTP/2 is not supported; senders use HTTP/1.1 by themselves",
};

function tlsIssues(tls: TlsServerSection): readonly PlacedMessage[] {
  if (!usesTls(tls)) return [];
  const issues: PlacedMessage[] = [];
  const report = (name: string, message: string) =>
    issues.push({ code: "bad_value", path: [name], of: "key", message });
  for (const name of ["cert", "key", "client_ca"] as const) {
    const given = [tls[name], tls[`${name}_file`]].filter((one) => one !== undefined).length;
    if (given === 2) report(name, `give ${name} or ${name}_file, not both`);
    if (given === 0 && name !== "client_ca")
      report(name, `give ${name} or ${name}_file: TLS needs both a certificate and its key`);
  }
  const type = tls.client_auth_type;
  if (type === "NoClientCert" && (tls.client_ca ?? tls.client_ca_file) !== undefined) {
    report("client_auth_type", "client authorities are given, but no client_auth_type that asks for a certificate");
  }
  if (tls.client_allowed_sans.length > 0 && !/^Require/.test(type)) {
    report("client_allowed_sans", "needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert");
  }
  if (tls.min_version > tls.max_version) report("max_version", "must not be lower than min_version");
  return issues;
}

/** As exporter-toolkit decides it: any of these asks for TLS. */
function usesTls(tls: TlsServerSection): boolean {
  const places = [tls.cert, tls.cert_file, tls.key, tls.key_file, tls.client_ca, tls.client_ca_file];
  return places.some((place) => place !== undefined) || tls.client_auth_type !== "NoClientCert";
}

/** Null without a certificate: `tlsIssues` reports every other setting that needs one. */
function tlsOf(tls: TlsServerSection): TlsConfig | null {
  const cert = tls.cert ?? tls.cert_file;
  const key = tls.key ?? tls.key_file;
  if (cert === undefined || key === undefined) return null;
  return {
    cert,
    key,
    clientCa: tls.client_ca ?? tls.client_ca_file ?? null,
    clientCertificate: clientCertificates[tls.client_auth_type],
    allowedSans: tls.client_allowed_sans,
    minVersion: tlsVersions[tls.min_version],
    maxVersion: tlsVersions[tls.max_version],
    ciphers: tls.cipher_suites.map((name) => cipherNames[name]),
    curves: tls.curve_preferences.map((name) => curveNames[name]),
    ownCipherOrder: tls.prefer_server_cipher_suites,
  };
}
