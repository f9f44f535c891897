// Shell: reads a file for --web.config.file and the certificates it names, and tries whether a server could start with them.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { ConfigIssue } from "./issue.ts";
import { type CheckedWebConfig, checkWebConfig, type Pem, plainWeb, type TlsConfig } from "./web-config.ts";

/** What a handshake needs, as PEM text. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

export type ReadTls = () => TlsMaterial;

export type LoadedWebConfig =
  | (Extract<CheckedWebConfig, { readonly kind: "web" }> & {
      /** Reads the files anew; throws when one can not be read or they do not fit together. Null: plain HTTP. */
      readonly readTls: ReadTls | null;
    })
  | { readonly kind: "faulty"; readonly issues: readonly ConfigIssue[] };

/** `path` null: plain HTTP for anyone. Paths in the file are relative to its folder. */
export function loadWebConfig(path: string | null): LoadedWebConfig {
  if (path === null) return { kind: "web", web: plainWeb, warnings: [], readTls: null };
  try {
    const checked = checkWebConfig(readFileSync(path, "utf8"));
    if (checked.kind === "faulty") return checked;
    const { tls } = checked.web;
    if (tls === null) return { ...checked, readTls: null };
    const readTls = () => readMaterial(tls, dirname(resolve(path)));
    readTls();
    return { ...checked, readTls };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { kind: "faulty", issues: [{ code: "file_unreadable", path: "", line: 1, column: 1, message }] };
  }
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
    throw new Error(`certificate, key and client authorities do not fit together: ${faultOf(cause)}`, { cause });
  }
  if (material.ca !== null && !material.ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error("the client authorities hold no PEM certificate");
  }
  return material;
}

/** OpenSSL's words name the fault and never the key. */
function faultOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
