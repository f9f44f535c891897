// Where accepted alerts are kept: the text of `storage`, and what belongs to a PostgreSQL server beside it. Pure.

import type { ConfigPath } from "./document.ts";
import { quote } from "./quote.ts";
import { Secret } from "./secret.ts";
import { readSecret, type SecretSources } from "./secret-source.ts";
import { type Finding, mappingOf, valueAt } from "./shape-issues.ts";

export interface PostgresStorage {
  readonly engine: "postgres";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | null;
  /** Null for a connection in clear text. `ca` is PEM text; null for the authorities Node knows. */
  readonly tls: { readonly verified: boolean; readonly ca: string | null } | null;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

/** `path` is as written: relative to the working directory, or absolute. */
export type Storage = { readonly engine: "sqlite"; readonly path: string } | PostgresStorage;

type SslMode = "disable" | "require" | "verify-full";

/** What the text of `storage` says by itself. */
export type StoragePlace =
  | Extract<Storage, { readonly engine: "sqlite" }>
  | (Pick<PostgresStorage, "engine" | "host" | "port" | "database" | "user" | "password"> & {
      readonly sslMode: SslMode;
    });

const sslModes: readonly SslMode[] = ["disable", "require", "verify-full"];
const defaultPort = 5432;

/** The text is never repeated in a fault: it may hold a password. */
export function readStoragePlace(text: string): { readonly value: StoragePlace } | { readonly fault: string } {
  if (/^postgres(?:ql)?:/u.test(text)) return readPostgresURL(text);
  const path = /^sqlite:(.+)$/su.exec(text)?.[1];
  if (path === undefined) return { fault: "expected sqlite:<path> or postgres://<user>@<host>/<database>" };
  if (path.startsWith(":")) return { fault: "a database in memory would lose accepted alerts; give a file" };
  if (path.startsWith("//")) return { fault: "write sqlite:data/outbox.db or sqlite:/var/lib/outbox.db, without //" };
  return { value: { engine: "sqlite", path } };
}

function readPostgresURL(text: string): { readonly value: StoragePlace } | { readonly fault: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  const database = decoded(url?.pathname.slice(1) ?? "");
  const [user, password] = [decoded(url?.username ?? ""), decoded(url?.password ?? "")];
  if (url === null || url.hostname === "" || !user || !database || password === null) {
    return { fault: "expected postgres://<user>@<host>:<port>/<database>; % in a name is written %25" };
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== "sslmode");
  if (unknown !== undefined) return { fault: "only sslmode may follow the ?; everything else is set under postgres" };
  const mode = url.searchParams.get("sslmode") ?? "disable";
  const sslMode = sslModes.find((known) => known === mode);
  if (sslMode === undefined) return { fault: `sslmode is one of ${sslModes.join(", ")}` };
  const place = { engine: "postgres", host: url.hostname.replace(/^\[|\]$/gu, ""), database, user, sslMode } as const;
  const port = url.port === "" ? defaultPort : Number(url.port);
  return { value: { ...place, port, password: password === "" ? null : new Secret(password) } };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export interface PostgresSecrets {
  readonly password: Secret | null;
  readonly ca: string | null;
  readonly findings: readonly Finding[];
}

/** The password from a variable or file, and the authority's certificates. */
export function readPostgresSecrets(value: unknown, sources: SecretSources): PostgresSecrets {
  const section = mappingOf(valueAt(value, ["postgres"])) ?? {};
  const storage = valueAt(value, ["storage"]);
  const place = typeof storage === "string" ? readStoragePlace(storage) : null;
  const findings: Finding[] = [];
  const read = (name: string): string | null => {
    const written = section[name];
    if (typeof written !== "string" || written === "") return null;
    const text = readSecret(name, written, sources);
    if (text.kind === "text") return text.text;
    findings.push(finding(["postgres", name], text.message, "secret_unreadable"));
    return null;
  };
  if (place !== null && "value" in place) findings.push(...misplaced(section, place.value));
  const password = (read("password_env") ?? read("password_file"))?.replace(/\r?\n$/u, "") ?? null;
  const ca = read("ca_file");
  if (ca !== null && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    findings.push(finding(["postgres", "ca_file"], `file ${quote(String(section.ca_file))} holds no PEM certificate`));
  }
  return { password: password === null ? null : new Secret(password), ca, findings };
}

/** What is said of a server must mean something: nothing is ignored silently. */
function misplaced(section: Readonly<Record<string, unknown>>, place: StoragePlace): readonly Finding[] {
  const [first] = Object.keys(section);
  if (first !== undefined && place.engine === "sqlite") {
    return [finding(["postgres"], "says how to use a server, but storage is a SQLite file")];
  }
  if (place.engine === "sqlite") return [];
  const passwords = ["password_env", "password_file"].filter((name) => Object.hasOwn(section, name));
  const [name] = passwords;
  if (name !== undefined && (passwords.length > 1 || place.password !== null)) {
    return [finding(["postgres", name], "give the password in one place: storage, password_env or password_file")];
  }
  const certificates = typeof section.ca_file === "string" && section.ca_file !== "";
  if (!certificates || place.sslMode !== "disable") return [];
  return [finding(["postgres", "ca_file"], "is used only with ?sslmode=verify-full or require at the end of storage")];
}

function finding(path: ConfigPath, message: string, code: Finding["code"] = "bad_value"): Finding {
  return { code, path, of: "value", message };
}

export interface PostgresLimits {
  readonly pool_size: number;
  readonly statement_timeout: number;
}

export function storageOf(place: StoragePlace, limits: PostgresLimits, secrets: PostgresSecrets): Storage {
  if (place.engine === "sqlite") return place;
  const { sslMode, password, ...server } = place;
  return {
    ...server,
    password: password ?? secrets.password,
    // As libpq has it: `require` trusts any certificate, unless an authority is given.
    tls: sslMode === "disable" ? null : { verified: sslMode === "verify-full" || secrets.ca !== null, ca: secrets.ca },
    poolSize: limits.pool_size,
    statementTimeoutMs: limits.statement_timeout,
  };
}
