// Shell: an HTTPS server whose certificates are read anew when their files change, and which looks at client certificates as
// Go's crypto/tls does. A change is noticed by the next connection, at most a second late; one that can not be used is logged
// and the old certificates stay.

import { createServer, type Server } from "node:https";
import type { SecureContextOptions, TLSSocket, TlsOptions } from "node:tls";
import type { ReadTls, TlsMaterial } from "../config/load-web.ts";
import type { TlsConfig } from "../config/web-config.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { certificateFault } from "./client-certificate.ts";
import { createLogPace } from "./log-pace.ts";

export interface TlsSetup {
  readonly config: TlsConfig;
  readonly read: ReadTls;
  readonly metrics: Pick<Metrics, "tlsReloaded" | "tlsHandshakeFailed">;
  readonly log: Log;
  readonly now: () => number;
}

const lookEveryMs = 1_000;
const logSpanMs = 60_000;

export function createTlsServer(face: TlsSetup, options: Omit<TlsOptions, keyof SecureContextOptions>): Server {
  const { config } = face;
  const material = face.read();
  const server = createServer({
    ...options,
    ...contextOf(config, material),
    requestCert: config.clientCertificate !== "none",
    rejectUnauthorized: config.clientCertificate === "verified",
  });
  server.prependListener("connection", renewal(server, face, material));
  const turnedAway = reportingHandshakes(face);
  server.on("tlsClientError", (error, socket) => turnedAway(error, socket));
  server.prependListener("secureConnection", (socket) => {
    const fault = certificateFault(peerOf(socket), config);
    if (fault === null) return;
    turnedAway(new Error(fault), socket);
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

/** As in Go, a list of cipher suites is about TLS 1.2; Node would switch 1.3 off without these. */
const tls13Ciphers = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];

/** In front of the handshake, so that it already has the new certificate. */
function renewal(server: Server, { config, read, metrics, log, now }: TlsSetup, first: TlsMaterial): () => void {
  const pace = createLogPace(logSpanMs, now);
  let current = first;
  let lookedAt = now();
  metrics.tlsReloaded(true);
  return () => {
    if (Math.abs(now() - lookedAt) < lookEveryMs) return;
    lookedAt = now();
    try {
      const found = read();
      metrics.tlsReloaded(true);
      if (found.cert === current.cert && found.key === current.key && found.ca === current.ca) return;
      server.setSecureContext(contextOf(config, found));
      current = found;
      log.info({}, "the certificates changed and are in use");
    } catch (err) {
      metrics.tlsReloaded(false);
      const silent = pace.due("reload");
      if (silent !== null)
        log.error({ err, silent }, "the certificates changed and can not be used; the old ones stay");
    }
  };
}

function reportingHandshakes({ metrics, log, now }: TlsSetup): (error: Error, socket: TLSSocket) => void {
  const pace = createLogPace(logSpanMs, now);
  return (error, socket) => {
    metrics.tlsHandshakeFailed();
    const silent = pace.due("handshake");
    const { remoteAddress: address } = socket;
    if (silent !== null) log.warn({ address, reason: error.message, silent }, "a TLS handshake failed");
  };
}

function peerOf(socket: TLSSocket) {
  return {
    authorized: socket.authorized,
    subjectAltName: socket.getPeerX509Certificate()?.subjectAltName ?? "",
    given: socket.getPeerX509Certificate() !== undefined,
  };
}
