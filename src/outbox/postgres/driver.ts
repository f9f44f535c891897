import { setTimeout as delay } from "node:timers/promises";
import { Client, type ClientConfig, Pool, types } from "pg";
import type { Secret } from "../../config/secret.ts";
import { type Listen, listenerName, notifyChannel } from "./notifier.ts";

export interface PostgresServer {
  /** A host name or address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | null;
  /** Null for an unencrypted connection. `ca` is PEM text; null for Node's own authorities. */
  readonly tls: { readonly verified: boolean; readonly ca: string | null } | null;
  /** Connections for statements; listening uses one more. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

const connectTimeoutMs = 2_000;

/** The server cancels a statement first; this is for a server that does not answer at all. */
const answerGraceMs = 1_000;

/** A listening connection may be silent for hours; a query this often finds a dead one. */
const pingMs = 30_000;

const int8Oid = 20;

/**
 * Most tables are empty most of the time, so what the server believes of their sizes is wrong: each statement has one plan, made once,
 * which takes indexes and looks up each row.
 */
export const planSettings = [
  "plan_cache_mode = force_generic_plan",
  "enable_seqscan = off",
  "enable_bitmapscan = off",
  "enable_hashjoin = off",
  "enable_mergejoin = off",
  "jit = off",
];

export function poolOf(server: PostgresServer): Pool {
  const { poolSize, statementTimeoutMs } = server;
  const limits = [
    `statement_timeout = ${statementTimeoutMs}`,
    `lock_timeout = ${statementTimeoutMs}`,
    // A paused process must not keep its locks: its successor needs them.
    `idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
  ];
  const settings = [...limits, ...planSettings].map((setting) => `set ${setting}`).join("; ");
  return new Pool({
    ...clientConfig(server),
    max: poolSize,
    // Not at startup: poolers refuse settings there.
    onConnect: (client) => client.query(settings),
    // Ids and instants stay far below 2^53.
    types: { getTypeParser: (oid, format) => (oid === int8Oid ? Number : types.getTypeParser(oid, format)) },
  });
}

export function listenTo(server: PostgresServer): Listen {
  return async (received, { listening, signal }) => {
    const client = new Client({ ...clientConfig(server), application_name: listenerName });
    const ended = new AbortController();
    const end = () => ended.abort();
    client.once("error", end).once("end", end);
    client.on("notification", ({ payload }) => received(payload ?? ""));
    signal.addEventListener("abort", end, { once: true });
    try {
      await client.connect();
      await client.query(`listen ${notifyChannel}`);
      listening();
      while (!ended.signal.aborted) {
        await delay(pingMs, undefined, { signal: ended.signal }).catch(() => {});
        if (!ended.signal.aborted) await client.query("select 1");
      }
    } finally {
      signal.removeEventListener("abort", end);
      await client.end();
    }
  };
}

function clientConfig({ password, tls, statementTimeoutMs, ...server }: PostgresServer): ClientConfig {
  return {
    host: server.host,
    port: server.port,
    database: server.database,
    user: server.user,
    // Always given: without one the driver would look into PGPASSWORD and ~/.pgpass.
    password: password?.reveal() ?? "",
    ssl: tls === null ? false : { rejectUnauthorized: tls.verified, ...(tls.ca === null ? {} : { ca: tls.ca }) },
    application_name: "alertmanager-wecom",
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + answerGraceMs,
    keepAlive: true,
  };
}
