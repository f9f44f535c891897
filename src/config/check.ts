// The text of a config file, and lookups for the secrets it names, in; a Config, or all of the file's faults at once, out. Pure.

import { readAuth } from "./auth.ts";
import { readBots } from "./bots.ts";
import type { Bot, Config } from "./config.ts";
import type { Auth } from "./credential.ts";
import { type ConfigDocument, readDocument } from "./document.ts";
import type { ConfigIssue } from "./issue.ts";
import { buildRoutes, routeFindings, unusedBots } from "./routes.ts";
import { type ConfigFile, configFile } from "./schema.ts";
import type { Secret } from "./secret.ts";
import type { SecretSources } from "./secret-source.ts";
import { type Finding, issueAt, shapeFindings, shapeSentence, valueAt } from "./shape-issues.ts";
import { type PostgresSecrets, readPostgresSecrets, storageOf } from "./storage.ts";
import { caFindings, readProxy } from "./wecom-access.ts";

export type CheckedConfig =
  | {
      readonly kind: "config";
      readonly config: Config;
      /** True when there is neither a config file nor a key: the caller attaches the simulator with `withSimulator`. */
      readonly simulated: boolean;
      readonly warnings: readonly ConfigIssue[];
      /** For faults that are found later: where something is written. */
      readonly place: ConfigDocument["place"];
    }
  /** In the order of their places. */
  | { readonly kind: "faulty"; readonly issues: readonly ConfigIssue[] };

export function checkConfig(text: string, sources: SecretSources): CheckedConfig {
  const document = readDocument(text);
  if (document.value === null) return { kind: "faulty", issues: inOrder(document.issues) };
  const { value } = document;
  const shape = configFile.safeParse(value, { error: shapeSentence });
  const { bots, findings: botFindings } = readBots(value, sources, baseURLOf(value));
  const { proxyURL, findings: proxyFindings } = readProxy(value, sources);
  const { auth, findings: authFindings, warnings: authWarnings } = readAuth(value, sources);
  const postgres = readPostgresSecrets(value, sources);
  const findings = [
    ...shapeFindings(value, shape.error?.issues ?? []),
    ...botFindings,
    ...proxyFindings,
    ...authFindings,
    ...caFindings(value, sources),
    ...postgres.findings,
    ...routeFindings(value),
    ...(shape.success ? retentionFindings(shape.data) : []),
  ];
  const issues = [...document.issues, ...placed(document, findings)];
  if (!shape.success || issues.length > 0) return { kind: "faulty", issues: inOrder(issues) };
  const config = buildConfig(shape.data, { bots, proxyURL, auth, postgres });
  const warnings = inOrder(placed(document, [...unusedBots(value, [...bots.keys()]), ...authWarnings]));
  return { kind: "config", config, simulated: false, warnings, place: document.place };
}

/** Null when the file gives one that cannot be used. */
function baseURLOf(value: unknown): string | null {
  const field = configFile.shape.wecom.unwrap().shape.base_url;
  const read = field.safeParse(valueAt(value, ["wecom", "base_url"]));
  return read.success ? read.data : null;
}

function retentionFindings({ outbox, webhook }: ConfigFile): readonly Finding[] {
  if (outbox.retention >= webhook.dedup_window) return [];
  const message =
    "must not be shorter than webhook.dedup_window: copies are recognised by what is on record, and later ones would be told again";
  return [{ code: "bad_value", path: ["outbox", "retention"], of: "value", message }];
}

function placed(document: ConfigDocument, findings: readonly Finding[]): readonly ConfigIssue[] {
  return findings.map((finding) => issueAt(document, finding));
}

function inOrder(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  return issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

interface ReadSecrets {
  readonly bots: ReadonlyMap<string, Bot>;
  readonly proxyURL: Secret | null;
  readonly auth: Auth;
  readonly postgres: PostgresSecrets;
}

function buildConfig(file: ConfigFile, { bots, proxyURL, auth, postgres }: ReadSecrets): Config {
  const { webhook, outbox, wecom, digest, pictures } = file;
  return {
    timezone: file.timezone,
    language: file.language,
    externalURL: file.external_url,
    storage: storageOf(file.storage, file.postgres, postgres),
    webhook: { maxBodyBytes: webhook.max_body_size, dedupWindowMs: webhook.dedup_window },
    auth,
    compat: { peers: file.compat, allowInlineKeys: file.allow_inline_keys },
    outbox: {
      retentionMs: outbox.retention,
      maxNotifications: outbox.max_notifications,
      maxBytes: outbox.max_size,
    },
    deliver: { maxAgeMs: file.max_age },
    digest: { maxMessages: digest.max_messages, reserve: digest.reserve },
    pictures: {
      allowPrivate: pictures.allow_private,
      maxBytes: pictures.max_size,
      timeoutMs: pictures.timeout,
      file: pictures.file === "" ? null : pictures.file,
    },
    sirenFile: file.siren_file === "" ? null : file.siren_file,
    people: peopleOf(file.people),
    shutdownDelayMs: file.shutdown_delay,
    wecom: {
      baseURL: wecom.base_url,
      timeoutMs: wecom.timeout,
      proxyURL,
      proxyFromEnvironment: true,
      caFile: wecom.ca_file === "" ? null : wecom.ca_file,
    },
    bots,
    templates: file.templates,
    route: buildRoutes(file.route),
  };
}

function peopleOf(written: ConfigFile["people"]): Config["people"] {
  const entries = Object.entries(written);
  return new Map(entries.map(([name, { userid = null, mobile = null }]) => [name, { userid, mobile }]));
}
