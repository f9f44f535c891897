// The text of a file for --web.config.file in; how to listen, or all of its faults at once, out. Pure: certificates are files, and
// are read by whoever listens.

import type { PasswordCredential } from "./credential.ts";
import { type ConfigDocument, readDocument } from "./document.ts";
import type { ConfigIssue } from "./issue.ts";
import { passwordHashFault } from "./password-hash.ts";
import { Secret } from "./secret.ts";
import { type Finding, issueAt, mappingOf, shapeFindings, shapeSentence, valueAt } from "./shape-issues.ts";
import {
  cipherNames,
  curveNames,
  type TlsServerSection,
  tlsVersions,
  type WebConfigFile,
  webConfigFile,
} from "./web-schema.ts";

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
  /** Who may use anything but the probes, besides what `auth` asks for; empty: anyone. */
  readonly users: readonly PasswordCredential[];
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

export const plainWeb: WebConfig = { tls: null, users: [], headers: {} };

export type CheckedWebConfig =
  | {
      readonly kind: "web";
      readonly web: WebConfig;
      readonly warnings: readonly ConfigIssue[];
      /** For faults that are found later: where something is written. */
      readonly place: ConfigDocument["place"];
    }
  | { readonly kind: "faulty"; readonly issues: readonly ConfigIssue[] };

export function checkWebConfig(text: string): CheckedWebConfig {
  const document = readDocument(text);
  if (document.value === null) return { kind: "faulty", issues: document.issues };
  const { value } = document;
  const shape = webConfigFile.safeParse(value, { error: shapeSentence });
  const findings = [...shapeFindings(value, shape.error?.issues ?? []).map(explained), ...userFindings(value)];
  const whole = shape.success ? tlsFindings(shape.data.tls_server_config) : [];
  const issues = [...document.issues, ...[...findings, ...whole].map((finding) => issueAt(document, finding))];
  if (!shape.success || issues.length > 0) return { kind: "faulty", issues };
  const warnings = http2Findings(shape.data).map((finding) => issueAt(document, finding));
  return { kind: "web", web: webOf(shape.data), warnings, place: document.place };
}

/** Exporter-toolkit knows it, and it would turn webhooks away with 429. */
function explained(finding: Finding): Finding {
  if (finding.code !== "unknown_key" || finding.path.join() !== "rate_limit") return finding;
  return { ...finding, message: "rate_limit is not supported: a webhook that is turned away is an alert that is lost" };
}

function userFindings(value: unknown): readonly Finding[] {
  return Object.entries(mappingOf(valueAt(value, ["basic_auth_users"])) ?? {}).flatMap(([name, hash]) => {
    const message = typeof hash === "string" ? passwordHashFault(hash) : null;
    return message === null
      ? []
      : [{ code: "bad_value", path: ["basic_auth_users", name], of: "value", message } as const];
  });
}

function tlsFindings(tls: TlsServerSection): readonly Finding[] {
  if (!usesTls(tls)) return [];
  const findings: Finding[] = [];
  const fault = (name: string, message: string) =>
    findings.push({ code: "bad_value", path: ["tls_server_config", name], of: "key", message });
  for (const name of ["cert", "key", "client_ca"] as const) {
    const given = [tls[name], tls[`${name}_file`]].filter((one) => one !== undefined).length;
    if (given === 2) fault(name, `give ${name} or ${name}_file, not both`);
    if (given === 0 && name !== "client_ca")
      fault(name, `give ${name} or ${name}_file: TLS needs both a certificate and its key`);
  }
  const type = tls.client_auth_type;
  if (type === "NoClientCert" && (tls.client_ca ?? tls.client_ca_file) !== undefined) {
    fault("client_auth_type", "client authorities are given, but no client_auth_type that asks for a certificate");
  }
  if (tls.client_allowed_sans.length > 0 && !/^Require/.test(type)) {
    fault("client_allowed_sans", "needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert");
  }
  if (tls.min_version > tls.max_version) fault("max_version", "must not be lower than min_version");
  return findings;
}

/** As exporter-toolkit decides it: any of these asks for TLS. */
function usesTls(tls: TlsServerSection): boolean {
  const places = [tls.cert, tls.cert_file, tls.key, tls.key_file, tls.client_ca, tls.client_ca_file];
  return places.some((place) => place !== undefined) || tls.client_auth_type !== "NoClientCert";
}

function http2Findings({ http_server_config: { http2 } }: WebConfigFile): readonly Finding[] {
  if (http2 !== true) return [];
  const message = "HTTP/2 is not spoken; senders fall back to HTTP/1.1 by themselves";
  return [{ code: "bad_value", path: ["http_server_config", "http2"], of: "value", message }];
}

function webOf({
  tls_server_config: tls,
  http_server_config: http,
  basic_auth_users: users,
}: WebConfigFile): WebConfig {
  const headers = Object.entries(http.headers).filter(([, value]) => value !== undefined && value !== "");
  return {
    tls: usesTls(tls) ? tlsOf(tls) : null,
    users: Object.entries(users).map(([username, hash]) => ({
      kind: "basic",
      username,
      passwordHash: new Secret(hash),
    })),
    headers: Object.fromEntries(headers) as Readonly<Record<string, string>>,
  };
}

const clientCertificates = {
  NoClientCert: "none",
  RequestClientCert: "requested",
  RequireAnyClientCert: "any",
  RequireClientCert: "any",
  VerifyClientCertIfGiven: "verifiedIfGiven",
  RequireAndVerifyClientCert: "verified",
} as const satisfies Readonly<Record<TlsServerSection["client_auth_type"], ClientCertificate>>;

function tlsOf(tls: TlsServerSection): TlsConfig {
  const hasCa = (tls.client_ca ?? tls.client_ca_file) !== undefined;
  return {
    cert: pemOf(tls.cert, tls.cert_file),
    key: pemOf(tls.key, tls.key_file),
    clientCa: hasCa ? pemOf(tls.client_ca, tls.client_ca_file) : null,
    clientCertificate: clientCertificates[tls.client_auth_type],
    allowedSans: tls.client_allowed_sans,
    minVersion: tlsVersions[tls.min_version],
    maxVersion: tlsVersions[tls.max_version],
    ciphers: tls.cipher_suites.map((name) => cipherNames[name]),
    curves: tls.curve_preferences.map((name) => curveNames[name]),
    ownCipherOrder: tls.prefer_server_cipher_suites,
  };
}

function pemOf(inline: string | undefined, path: string | undefined): Pem {
  return path === undefined ? { kind: "inline", text: new Secret(inline ?? "") } : { kind: "file", path };
}
