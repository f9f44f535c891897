// CPU time of processes, and statements and log bytes of a PostgreSQL server.

import { readdirSync, readFileSync } from "node:fs";
import type { TestPostgres } from "../../test/support/postgres-server.ts";

/** Linux counts CPU time in hundredths of a second (USER_HZ, proc(5)). */
const tickMs = 10;

interface ProcessTimes {
  readonly parent: number;
  readonly ownMs: number;
  readonly endedChildrenMs: number;
}

/** Null for a process that ended. */
function timesOf(pid: number): ProcessTimes | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may contain spaces. The fields after it start with state and ppid; utime is field 14 of all, cstime 17.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [own, children] = [(fields[11] ?? 0) + (fields[12] ?? 0), (fields[13] ?? 0) + (fields[14] ?? 0)];
    return { parent: fields[1] ?? 0, ownMs: own * tickMs, endedChildrenMs: children * tickMs };
  } catch {
    return null;
  }
}

export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (timesOf(pid)?.ownMs ?? 0), 0);
}

/** CPU time of the server and all its children, including those that ended. */
export function serverCpuMs(postmaster: number): number {
  const own = timesOf(postmaster);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  const children = pids.flatMap((pid) => timesOf(Number(pid)) ?? []).filter(({ parent }) => parent === postmaster);
  return (own?.ownMs ?? 0) + (own?.endedChildrenMs ?? 0) + children.reduce((sum, { ownMs }) => sum + ownMs, 0);
}

export interface ServerWork {
  /** Each is a round trip, including `begin` and `commit`. */
  readonly statements: number;
  /** Bytes of the write-ahead log, which reach the disk before a commit returns. */
  readonly logBytes: number;
}

/** Totals so far of one database user. */
export async function serverWork(postgres: TestPostgres, user: string): Promise<ServerWork> {
  const [row] = await postgres.query(`
    select (select coalesce(sum(calls), 0)::float8 from pg_stat_statements
            where userid = '${user}'::regrole) as statements,
           pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as log_bytes`);
  return { statements: Number(row?.statements), logBytes: Number(row?.log_bytes) };
}

/** Size of the tables of one database user with their indexes. */
export async function sizeOfPlace(postgres: TestPostgres, user: string): Promise<number> {
  const [row] = await postgres.query(`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '${user}' and c.relkind = 'r'`);
  return Number(row?.bytes);
}
