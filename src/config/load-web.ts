// Reads the file of --web.config.file and the certificates it names, and tries whether a server could start with them.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { Issue } from "../domain/issue.ts";
import { readFileText } from "./load.ts";
import { checkWebConfig, type Pem, plainWeb, type TlsConfig, type WebConfig } from "./web-config.ts";

/** What a handshake needs, as PEM text. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

export type ReadTls = () => TlsMaterial;

type LoadedWebConfig =
  | {
      readonly kind: "web";
      readonly web: WebConfig;
      readonly warnings: readonly Issue[];
      /** Reads the files again; throws when one cannot be read or they do not fit together. Null: plain HTTP. */
      readonly readTls: ReadTls | null;
    }
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] };

/** `path` null: plain HTTP for anyone. Paths in the file are relative to its folder. */
export function loadWebConfig(path: string | null): LoadedWebConfig {
  if (path === null) return { kind: "web", web: plainWeb, warnings: [], readTls: null };
  const folder = dirname(resolve(path));
  const read = readFileText(path);
  if (read.kind === "unreadable") return unusable(`the web config file cannot be read: ${read.message}`);
  const checked = checkWebConfig(read.text, (file) => readFileText(resolve(folder, file)));
  if (checked.kind === "invalid") return checked;
  const { tls } = checked.web;
  if (tls === null) return { ...checked, readTls: null };
  const readTls = () => readMaterial(tls, folder);
  try {
    readTls();
  } catch (cause) {
    return unusable(messageOfError(cause));
  }
  return { ...checked, readTls };
}

function unusable(message: string): LoadedWebConfig {
  return { kind: "invalid", issues: [{ code: "file_unreadable", path: "", line: 1, column: 1, message }] };
}

function readMaterial({ cert, key, clientCa }: TlsConfig, folder: string): TlsMaterial {
  const textOf = (pem: Pem) =>
    pem.kind === "inline" ? pem.text.reveal() : readFileSync(resolve(folder, pem.path), "utf8");
  const material = { cert: textOf(cert), key: textOf(key), ca: clientCa === null ? null : textOf(clientCa) };
  try {
    createSecureContext({
      cert: material.cert,
      key: material.key,
      ...(material.ca === null ? {} : { ca: material.ca }),
    });
  } catch (cause) {
    throw new Error(`certificate, key and client authorities do not fit together: ${tlsReason(cause)}`, { cause });
  }
  if (material.ca !== null && !material.ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error("the client authorities hold no PEM certificate");
  }
  return material;
}

const tlsReasons: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key is not that of the certificate",
  ERR_OSSL_PEM_NO_START_LINE: "the certificate is not PEM, or it is the key",
  ERR_OSSL_PEM_BAD_BASE64_DECODE: "one of them is damaged",
  ERR_OSSL_UNSUPPORTED: "the key is not PEM, or of an unknown kind",
  ERR_OSSL_BAD_DECRYPT: "the key has a password; store it without one",
  ERR_MISSING_PASSPHRASE: "the key has a password; store it without one",
};

/** OpenSSL's messages name the reason and never the key. */
function tlsReason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return tlsReasons[code] ?? messageOfError(cause);
}

function messageOfError(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
