import * as z from "zod";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, duration, type Parsed, parsedText, section } from "./fields.ts";
import { Secret } from "./secret.ts";
import { certificatesField, fileField, type SecretSources, variableField } from "./secret-fields.ts";

const sslModes = ["disable", "require", "verify-full"] as const;
const defaultPort = 5432;

interface SqliteStorage {
  readonly engine: "sqlite";
  /** As written: relative to the working directory, or absolute. */
  readonly path: string;
}

/** The server that the text of `storage` names. */
interface PostgresAddress {
  readonly engine: "postgres";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | null;
  readonly sslMode: (typeof sslModes)[number];
}

interface PostgresStorage extends Omit<PostgresAddress, "sslMode"> {
  /** Null for a connection in clear text. `ca` is PEM text; null for the authorities that Node trusts. */
  readonly tls: { readonly verified: boolean; readonly ca: string | null } | null;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

export type Storage = SqliteStorage | PostgresStorage;

type StorageAddress = SqliteStorage | PostgresAddress;

/** For the log: without the password. */
export function storageName(storage: Storage): string {
  if (storage.engine === "sqlite") return `sqlite:${storage.path}`;
  const { user, host, port, database } = storage;
  return `postgres://${user}@${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

export const storageField = parsedText(z.string(), readStorage);

/** The messages never repeat the text: it may hold a password. */
function readStorage(text: string): Parsed<StorageAddress> {
  if (/^postgres(?:ql)?:/u.test(text)) return readPostgresURL(text);
  const path = /^sqlite:(.+)$/su.exec(text)?.[1];
  if (path === undefined) return bad("expected sqlite:<path> or postgres://<user>@<host>/<database>");
  // SQLite reads `file:` as a URI, which may name one in memory too.
  if (/^(?:file)?:/.test(path)) return bad("a database in memory would lose accepted alerts; give a file");
  if (path.startsWith("//")) return bad("write sqlite:data/outbox.db or sqlite:/var/lib/outbox.db, without //");
  return { value: { engine: "sqlite", path } };
}

function readPostgresURL(text: string): Parsed<PostgresAddress> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const database = decodedPart(url?.pathname.slice(1) ?? "");
  const user = decodedPart(url?.username ?? "");
  const password = decodedPart(url?.password ?? "");
  if (url === null || url.hostname === "" || !user || !database || password === null) {
    return bad("expected postgres://<user>@<host>:<port>/<database>; % in a name is written %25");
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== "sslmode");
  if (unknown !== undefined) return bad("only sslmode may follow the ?; everything else is set under postgres");
  const mode = url.searchParams.get("sslmode") ?? "disable";
  const sslMode = sslModes.find((known) => known === mode);
  if (sslMode === undefined) return bad(`sslmode is one of ${sslModes.join(", ")}`);
  return {
    value: {
      engine: "postgres",
      host: url.hostname.replace(/^\[|\]$/gu, ""),
      port: url.port === "" ? defaultPort : Number(url.port),
      database,
      user,
      password: password === "" ? null : new Secret(password),
      sslMode,
    },
  };
}

function decodedPart(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function postgresSection(sources: SecretSources) {
  const password = { sources, parse: (text: string) => ({ value: new Secret(text.replace(/\r?\n$/u, "")) }) };
  return section({
    password_env: variableField(password).optional().describe("Environment variable that holds the password."),
    password_file: fileField(password).optional().describe("File that holds the password."),
    ca_file: certificatesField(sources)
      .prefault("")
      .describe("PEM file of the authority that signed the server's certificate. Empty: those that Node trusts."),
    pool_size: z
      .int()
      .min(2, "must be at least 2")
      .max(100, "must be at most 100")
      .default(10)
      .describe("Connections of one replica, besides the one that listens."),
    statement_timeout: duration({ min: "100ms", max: "1m" })
      .prefault("5s")
      .describe("For one statement. A webhook that takes longer to store is answered with 503."),
  });
}

type PostgresSection = z.output<ReturnType<typeof postgresSection>>;

/** A setting of a server that has no effect is an issue. */
export function storageIssues(storage: unknown, postgres: unknown): readonly PlacedMessage[] {
  const written = mappingOf(postgres);
  const engine = valueAtPath(storage, ["engine"]);
  if (written === null || engine === undefined) return [];
  const issue = (name: string, message: string): readonly PlacedMessage[] => [
    { code: "bad_value", path: ["postgres", name].filter((step) => step !== ""), of: "value", message },
  ];
  if (engine === "sqlite") return issue("", "configures a server, but storage is a SQLite file; remove one of them");
  const passwords = ["password_env", "password_file"].filter((name) => Object.hasOwn(written, name));
  const [name] = passwords;
  if (name !== undefined && (passwords.length > 1 || valueAtPath(storage, ["password"]) !== null)) {
    return issue(name, "give the password in one place: storage, password_env or password_file");
  }
  if (valueAtPath(written, ["ca_file", "pem"]) === undefined || valueAtPath(storage, ["sslMode"]) !== "disable")
    return [];
  return issue("ca_file", "is used only with ?sslmode=verify-full or require at the end of storage");
}

/** Only for a config without issues. */
export function buildStorage(address: StorageAddress, postgres: PostgresSection): Storage {
  if (address.engine === "sqlite") return address;
  const { sslMode, ...server } = address;
  const ca = postgres.ca_file?.pem ?? null;
  return {
    ...server,
    password: server.password ?? postgres.password_env ?? postgres.password_file ?? null,
    // As in libpq: `require` accepts any certificate, unless an authority is given.
    tls: sslMode === "disable" ? null : { verified: sslMode === "verify-full" || ca !== null, ca },
    poolSize: postgres.pool_size,
    statementTimeoutMs: postgres.statement_timeout,
  };
}
