// A PostgreSQL server for a test, with its data in a temporary folder and its port on loopback. The server refuses to run as root, so
// root starts it as the user nobody.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { Secret } from "../../src/config/secret.ts";
import type { PostgresServer } from "../../src/outbox/postgres/driver.ts";
import { freePort } from "./child.ts";

const password = "loopback-only";
const user = "admin";

export interface TestPostgres {
  readonly port: number;
  readonly version: string;
  /** Of the server's first process, parent of all others. */
  pid(): number;
  /** A new user with an empty schema, in the same database: a new database would take half a second. */
  createPlace(): Promise<PostgresServer>;
  removePlace(place: PostgresServer): Promise<void>;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Fast shutdown, as in a restart by an administrator: sessions end, data is safe. */
  down(): Promise<void>;
  /** SIGKILL for every process of the server: nothing is finished, no connection is closed in order. */
  crash(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export interface Secured {
  /** Folder with server.pem and server.key. The sessions of the service must then use TLS; those of the administrator need not. */
  readonly certificates: URL;
}

export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  secured: Secured | null = null,
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "outbox-postgres-"));
  const identity = identityOf();
  if (identity !== null) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  if (identity !== null) chownSync(passwordFile, identity.uid, identity.gid);
  const initArgs = [
    "-D",
    data,
    "-U",
    user,
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--no-locale",
  ];
  execFileSync(program("initdb"), initArgs, { ...identity, cwd: folder, stdio: "ignore" });
  if (secured !== null) secure(data, secured, identity);
  const port = await freePort();
  const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", "", "-c", "max_connections=100"];
  for (const [name, value] of Object.entries(settings)) args.push("-c", `${name}=${value}`);

  let server: ChildProcess | null = null;
  const up = async () => {
    server = spawn(program("postgres"), args, { ...identity, cwd: folder, stdio: "ignore" });
    await untilAnswers(server, port);
  };
  const down = async () => {
    const running = server;
    server = null;
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGINT");
    await ended;
  };
  const query = (sql: string) => ask(port, sql);
  const crash = async () => {
    const running = server;
    const others = await query("select pid from pg_stat_activity where pid <> pg_backend_pid()");
    server = null;
    if (running === null) return;
    const ended = once(running, "exit");
    // The first process first: it would end the others in order.
    running.kill("SIGKILL");
    for (const { pid } of others) killIfThere(Number(pid));
    await ended;
  };
  await up();
  const [row] = await query("show server_version");
  let places = 0;
  return {
    port,
    version: String(row?.server_version),
    pid: () => server?.pid ?? 0,
    async createPlace() {
      places += 1;
      const name = `place${places}`;
      await query(`create role ${name} login password '${password}'; create schema authorization ${name}`);
      const limits = { tls: null, poolSize: 5, statementTimeoutMs: 5_000 };
      return { host: "127.0.0.1", port, database: "postgres", user: name, password: new Secret(password), ...limits };
    },
    async removePlace({ user: name }) {
      await query(`drop schema ${name} cascade; drop role ${name}`);
    },
    query,
    down,
    crash,
    up,
    async stop() {
      await down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** For `storage` in a config. */
export function urlOf({ user, password, host, port, database }: PostgresServer): string {
  return `postgres://${user}:${password?.reveal()}@${host}:${port}/${database}`;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}

/** The server accepts a key only if its own user owns the file. The first line of pg_hba.conf that matches a session counts. */
function secure(data: string, { certificates }: Secured, identity: Identity | null): void {
  for (const name of ["server.pem", "server.key"] as const) {
    const file = join(data, name === "server.pem" ? "server.crt" : name);
    writeFileSync(file, readFileSync(new URL(name, certificates)), { mode: 0o600 });
    if (identity !== null) chownSync(file, identity.uid, identity.gid);
  }
  const rules = [`host all ${user} all scram-sha-256`, "hostssl all all all scram-sha-256"];
  writeFileSync(join(data, "pg_hba.conf"), `${rules.join("\n")}\n`);
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Null if this process is not root. */
function identityOf(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  const number = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

/** On PATH, or where Debian keeps the servers of each version. */
function program(name: "initdb" | "postgres"): string {
  const folders = [...(process.env.PATH ?? "").split(":"), ...globSync("/usr/lib/postgresql/*/bin").sort().reverse()];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no ${name} here: bash scripts/install-e2e-tools.sh installs PostgreSQL`);
  return found;
}

async function untilAnswers(server: ChildProcess, port: number): Promise<void> {
  for (let n = 0; n < 300; n += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    const answered = await ask(port, "select 1").catch(() => null);
    if (answered !== null) return;
    await delay(50);
  }
  throw new Error("postgres does not answer");
}

async function ask(port: number, sql: string) {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user,
    password,
    database: "postgres",
    connectionTimeoutMillis: 2_000,
  });
  // A server that stops ends this connection too.
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows as readonly Readonly<Record<string, unknown>>[];
  } finally {
    await client.end();
  }
}
