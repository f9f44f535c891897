// An HTTPS server that reloads its certificates when their files change, and checks client certificates as Go's crypto/tls does.
// New connections look for changes, at most once a second. If the new certificate is invalid, the old one stays in use.

import { createServer, type Server, type ServerOptions } from "node:https";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import type { ReadTls, TlsMaterial } from "../config/load-web.ts";
import type { TlsConfig } from "../config/web-config.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { createLogPace } from "./log-pace.ts";

export interface TlsSetup {
  readonly config: TlsConfig;
  readonly read: ReadTls;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => number;
}

const checkEveryMs = 1_000;

/** Certificates in `options` are replaced by those of `setup`. */
export function createTlsServer(setup: TlsSetup, options: ServerOptions): Server {
  const { config } = setup;
  const material = setup.read();
  const server = createServer({
    ...options,
    ...contextOf(config, material),
    requestCert: config.clientCertificate !== "none",
    rejectUnauthorized: config.clientCertificate === "verified",
  });
  server.prependListener("connection", certificateReload(server, setup, material));
  const onHandshakeError = handshakeErrorHandler(setup);
  server.on("tlsClientError", (error, socket) => onHandshakeError(error, socket));
  server.prependListener("secureConnection", (socket) => {
    const certificate = socket.getPeerX509Certificate();
    const { authorized } = socket;
    const subjectAltName = certificate?.subjectAltName ?? "";
    const error = certificateError({ given: certificate !== undefined, authorized, subjectAltName }, config);
    if (error === null) return;
    onHandshakeError(new Error(error), socket);
    socket.destroy();
  });
  return server;
}

function contextOf(config: TlsConfig, { cert, key, ca }: TlsMaterial): SecureContextOptions {
  const { minVersion, maxVersion, ciphers, curves, ownCipherOrder } = config;
  return {
    cert,
    key,
    minVersion,
    maxVersion,
    honorCipherOrder: ownCipherOrder,
    ...(ca === null ? {} : { ca }),
    ...(ciphers.length === 0 ? {} : { ciphers: [...new Set([...tls13Ciphers, ...ciphers])].join(":") }),
    ...(curves.length === 0 ? {} : { ecdhCurve: curves.join(":") }),
  };
}

/** As in Go, a list of cipher suites is for TLS 1.2; without these, Node would disable 1.3. */
const tls13Ciphers = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];

/** Runs before the handshake, so that the handshake uses the new certificate. */
function certificateReload(server: Server, { config, read, metrics, log, now }: TlsSetup, first: TlsMaterial) {
  const pace = createLogPace(now);
  let current = first;
  let checkedAt = now();
  metrics.tlsSuccessful.set({}, 1);
  return () => {
    if (Math.abs(now() - checkedAt) < checkEveryMs) return;
    checkedAt = now();
    try {
      const found = read();
      metrics.tlsSuccessful.set({}, 1);
      if (found.cert === current.cert && found.key === current.key && found.ca === current.ca) return;
      server.setSecureContext(contextOf(config, found));
      current = found;
      log.info({}, "TLS certificates reloaded");
    } catch (err) {
      metrics.tlsSuccessful.set({}, 0);
      const silent = pace.due("reload");
      if (silent !== null) log.error({ err, silent }, "failed to reload TLS certificates; keeping the old ones");
    }
  };
}

function handshakeErrorHandler({ metrics, log, now }: TlsSetup) {
  const pace = createLogPace(now);
  return (error: Error, socket: TLSSocket) => {
    metrics.tlsHandshakeFailures.inc({});
    const silent = pace.due("handshake");
    if (silent === null) return;
    const address = socket.remoteAddress?.replace(/^::ffff:/u, "");
    log.warn({ address, reason: handshakeFailure(error), silent }, "TLS handshake failed");
  };
}

const plainFailures: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: "the client speaks plain HTTP; this port is TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "the client does not speak TLS; this port is TLS",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the client's TLS version is older than min_version",
  ERR_SSL_NO_SHARED_CIPHER: "the client has none of the ciphers that this port allows",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "the client sent no certificate",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "the client does not know the authority that signed this server's certificate",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "the client rejects this server's certificate",
  ECONNRESET: "the client closed the connection during the handshake",
};

/** OpenSSL's own texts name its source files. */
function handshakeFailure(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  return plainFailures[code] ?? error.message.trim().replace(/^[0-9A-F]+:error:[0-9A-F]+:/u, "");
}

export interface TlsPeer {
  /** Whether it sent a certificate. */
  readonly given: boolean;
  /** Whether one of the client authorities signed the certificate. */
  readonly authorized: boolean;
  /** As Node writes it: `DNS:a.example, IP Address:10.0.0.1, URI:…, email:…`; empty when there is none. */
  readonly subjectAltName: string;
}

export interface ClientCertificateRules {
  readonly clientCertificate: TlsConfig["clientCertificate"];
  readonly allowedSans: readonly string[];
}

/** Checks what OpenSSL has not checked. Null: the client is accepted. */
export function certificateError(peer: TlsPeer, rules: ClientCertificateRules): string | null {
  const { clientCertificate, allowedSans } = rules;
  const required = clientCertificate === "any" || clientCertificate === "verified";
  if (required && !peer.given) return "the client sent no certificate";
  if (clientCertificate === "verifiedIfGiven" && peer.given && !peer.authorized) {
    return "the client's certificate is not signed by a client authority";
  }
  if (allowedSans.length === 0 || namesOf(peer.subjectAltName).some((name) => allowedSans.includes(name))) return null;
  return "no name in the client's certificate is in client_allowed_sans";
}

/** Node writes a value with a comma or a quote as a JSON string, so that it cannot be mistaken for two names. */
function namesOf(subjectAltName: string): readonly string[] {
  const entries = subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g);
  return [...entries].map(([, value = ""]) => (value.startsWith('"') ? String(JSON.parse(value)) : value));
}
