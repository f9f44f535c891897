// A disk that fails and recovers on command: a small disk that is filled, if the test may mount one, else a limit on the size of the
// files that a process writes, which fails SQLite's writes as a full disk does.

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FailingDisk {
  readonly folder: string;
  /** How it fails, for the printed figures. */
  readonly how: string;
  /** Makes the disk fail for this process. */
  fail(pid: number): void;
  repair(pid: number): void;
  remove(): void;
}

export const outboxFile = "outbox.db";

/** Enough for the outbox and for what SQLite writes before it first reuses its log (1,000 pages of 4 KiB). */
const smallDiskBytes = 8 << 20;

/** Where mounting is not allowed, as in a container without CAP_SYS_ADMIN, no file may grow: to SQLite that is a full disk. */
export function fullDisk(): FailingDisk {
  const folder = newFolder();
  if (!mounted(folder, `size=${smallDiskBytes}`)) return limitedDisk(folder, logBytes);
  const filler = join(folder, "filler");
  return {
    folder,
    how: `a tmpfs of ${smallDiskBytes >> 20} MiB without a free byte`,
    fail: () => fill(filler),
    repair: () => rmSync(filler),
    remove: () => unmount(folder),
  };
}

/** Fails every write: to SQLite that is a disk that became read-only. */
export function unwritableDisk(): FailingDisk {
  return limitedDisk(newFolder(), () => 0);
}

/** A service cannot start on it until `repair`. */
export interface ReadOnlyDisk {
  readonly folder: string;
  readonly how: string;
  /** Prefix of the command line of a program that uses it. */
  readonly before: readonly string[];
  repair(): void;
  remove(): void;
}

export function readOnlyDisk(): ReadOnlyDisk {
  const folder = newFolder();
  if (mounted(folder, "ro")) {
    const repair = () => void execFileSync("mount", ["-o", "remount,rw", folder]);
    return { folder, how: "a read-only mount", before: [], repair, remove: () => unmount(folder) };
  }
  needPrlimit();
  const before = ["prlimit", "--fsize=0:"];
  return { folder, how: limitHow, before, repair: () => undefined, remove: () => remove(folder) };
}

const limitHow = "a limit on the size of files (prlimit --fsize)";

function limitedDisk(folder: string, most: (folder: string) => number): FailingDisk {
  needPrlimit();
  // Only the soft limit, because it can be raised again.
  const limit = (pid: number, bytes: number | "unlimited") =>
    void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  return {
    folder,
    how: limitHow,
    fail: (pid) => limit(pid, most(folder)),
    repair: (pid) => limit(pid, "unlimited"),
    remove: () => remove(folder),
  };
}

function needPrlimit(): void {
  if (spawnSync("prlimit", ["--version"]).status === 0) return;
  throw new Error(
    "this machine cannot simulate a failing disk: install util-linux (prlimit), or run as root with CAP_SYS_ADMIN (mount)",
  );
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function logBytes(folder: string): number {
  const log = join(folder, `${outboxFile}-wal`);
  return existsSync(log) ? statSync(log).size : 0;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "alertmanager-wecom-disk-"));
}

function mounted(folder: string, options: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
}

/** Lazily: a service left by a failed test may still have a file open. */
function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder]);
  remove(folder);
}

/** To the last byte: after a refused block it tries smaller ones. */
function fill(path: string): void {
  const file = openSync(path, "w");
  for (let bytes = 1 << 20; bytes >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(bytes));
    } catch {
      bytes >>= 1;
    }
  }
  closeSync(file);
}
