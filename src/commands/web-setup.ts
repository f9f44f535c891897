// The file of --web.config.file: how to listen. Apart from setup.ts, so that a healthcheck does not load the templates.

import type { Auth } from "../config/config.ts";
import { loadWebConfig, type ReadTls } from "../config/load-web.ts";
import type { WebConfig } from "../config/web-config.ts";
import { issueLine } from "../domain/issue.ts";

export interface WebSetup {
  readonly kind: "web";
  readonly web: WebConfig;
  /** Null: plain HTTP. */
  readonly readTls: ReadTls | null;
  readonly warnings: readonly string[];
}

type LoadedWebSetup = WebSetup | { readonly kind: "invalid"; readonly issues: readonly string[] };

/** Null where a webhook needs credentials, or a certificate that was verified. */
export function openWebhooks({ webhook }: Auth, { users, tls }: WebConfig): string | null {
  if (webhook.length > 0 || users.length > 0 || tls?.clientCertificate === "verified") return null;
  return "auth.webhook is empty: anyone who reaches the port can post to your groups";
}

/** @param path null for plain HTTP without users */
export function loadWebSetup(path: string | null): LoadedWebSetup {
  const loaded = loadWebConfig(path);
  const name = path ?? "";
  if (loaded.kind === "invalid") return { kind: "invalid", issues: loaded.issues.map((one) => issueLine(name, one)) };
  const { web, readTls, warnings } = loaded;
  return { kind: "web", web, readTls, warnings: warnings.map((one) => issueLine(name, one)) };
}
