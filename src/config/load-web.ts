// Reads the file of --web.config.file and the certificates it names, and tries whether a server could start with them.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { Issue } from "../domain/issue.ts";
import { inQuotes } from "./in-quotes.ts";
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
  try {
    const checked = checkWebConfig(readFileSync(path, "utf8"));
    if (checked.kind === "invalid") return checked;
    const { web, warnings, issueAt } = checked;
    if (web.tls === null) return { kind: "web", web, warnings, readTls: null };
    const { tls } = web;
    const folder = dirname(resolve(path));
    const issues = unreadableFiles(tls, folder).map(({ name, message }) =>
      issueAt({ code: "file_unreadable", path: ["tls_server_config", name], of: "value", message }),
    );
    if (issues.length > 0) return { kind: "invalid", issues };
    const readTls = () => readMaterial(tls, folder);
    readTls();
    return { kind: "web", web, warnings, readTls };
  } catch (cause) {
    const issue: Issue = { code: "file_unreadable", path: "", line: 1, column: 1, message: messageOfError(cause) };
    return { kind: "invalid", issues: [issue] };
  }
}

/** Files that cannot be read, each with the key that names it. */
function unreadableFiles({ cert, key, clientCa }: TlsConfig, folder: string) {
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
      return [{ name, message: `file ${inQuotes(pem.path)} cannot be read: ${code}` }];
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
    throw new Error(`certificate, key and client authorities do not fit together: ${messageOfError(cause)}`, { cause });
  }
  if (material.ca !== null && !material.ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error("the client authorities hold no PEM certificate");
  }
  return material;
}

/** OpenSSL's messages name the reason and never the key. */
function messageOfError(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
