// The machine; CPU time, memory and written bytes of processes; statements and log bytes of a PostgreSQL server.

import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import type { TestPostgres } from "../../test/support/postgres-server.ts";

export function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model ?? "?"}`;
}

/** Of the last 1, 5 and 15 minutes. */
export function loadAverage(): string {
  return loadavg()
    .map((one) => one.toFixed(1))
    .join(" ");
}

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

/** Bytes that the processes caused to be written to disk, from proc_pid_io(5); none for files of tmpfs. */
export function writtenBytesOf(pids: readonly number[]): number {
  const written = (pid: number) => Number(/^write_bytes: (\d+)$/mu.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  return pids.reduce((sum, pid) => sum + written(pid), 0);
}

/** From ready until the memory of an idle service is read: it collects once after its start. */
export const idleMs = 3_000;

/** All, or only what is no page of a file, from proc_pid_status(5). */
export function residentMegabytesOf(pid: number, field: "VmRSS" | "RssAnon" = "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "mu").exec(status)?.[1]) / 1_024;
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
  /** A session adds its own at most 10 s after it last worked, or when it ends. */
  readonly logRecords: number;
  /** As `logRecords`; NaN since PostgreSQL 18, which counts them elsewhere. */
  readonly logFlushes: number;
}

/** Totals so far of one database user. */
export async function serverWork(postgres: TestPostgres, user: string): Promise<ServerWork> {
  const [row] = await postgres.query(`
    select (select coalesce(sum(calls), 0)::float8 from pg_stat_statements
            where userid = '${user}'::regrole) as statements,
           pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as log_bytes,
           wal_records::float8 as log_records, to_jsonb(w) ->> 'wal_sync' as log_flushes
    from pg_stat_wal w`);
  return {
    statements: Number(row?.statements),
    logBytes: Number(row?.log_bytes),
    logRecords: Number(row?.log_records),
    logFlushes: Number(row?.log_flushes ?? Number.NaN),
  };
}

/** Size of the tables of one database user with their indexes. */
export async function sizeOfPlace(postgres: TestPostgres, user: string): Promise<number> {
  const [row] = await postgres.query(`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '${user}' and c.relkind = 'r'`);
  return Number(row?.bytes);
}
