// Shell: reads a file for --web.config.file and the certificates it names, and tries whether a server could start with them.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { ConfigIssue } from "./issue.ts";
import { quote } from "./quote.ts";
import { type CheckedWebConfig, checkWebConfig, type Pem, plainWeb, type TlsConfig } from "./web-config.ts";

/** What a handshake needs, as PEM text. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

export type ReadTls = () => TlsMaterial;

export type LoadedWebConfig =
  | (Omit<Extract<CheckedWebConfig, { readonly kind: "web" }>, "place"> & {
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
    const { web, warnings, place } = checked;
    if (web.tls === null) return { kind: "web", web, warnings, readTls: null };
    const { tls } = web;
    const folder = dirname(resolve(path));
    const issues = unreadable(tls, folder).map(({ name, message }): ConfigIssue => {
      const at = ["tls_server_config", name];
      return { code: "file_unreadable", path: at.join("."), ...place(at, "value"), message };
    });
    if (issues.length > 0) return { kind: "faulty", issues };
    const readTls = () => readMaterial(tls, folder);
    readTls();
    return { kind: "web", web, warnings, readTls };
  } catch (cause) {
    return {
      kind: "faulty",
      issues: [{ code: "file_unreadable", path: "", line: 1, column: 1, message: faultOf(cause) }],
    };
  }
}

/** Files that are named and can not be read, each by the key that names it. */
function unreadable({ cert, key, clientCa }: TlsConfig, folder: string) {
  const named = [
    { name: "cert_file", pem: cert },
    { name: "key_file", pem: key },
    { name: "client_ca_file", pem: clientCa },
  ];
  return named.flatMap(({ name, pem }) => {
    if (pem?.kind !== "file") return [];
    try {
      readFileSync(resolve(folder, pem.path));
      return [];
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
      return [{ name, message: `file ${quote(pem.path)} cannot be read: ${code}` }];
    }
  });
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
