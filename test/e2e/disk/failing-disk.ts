// A disk that fails at a test's word and works again: a small one that is filled, where the test may mount one, or a limit on the
// size of the files a process writes, which SQLite meets where it meets a disk that refuses the write. None of them needs a pause.

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FailingDisk {
  readonly folder: string;
  /** For the printed figures: how it fails. */
  readonly how: string;
  /** From now on, for the process of this id. */
  fail(pid: number): void;
  mend(pid: number): void;
  remove(): void;
}

export const outboxFile = "outbox.db";

/** Room for the outbox and for what SQLite writes before it first reuses its log (1,000 pages of 4 KiB). */
const smallDiskBytes = 8 << 20;

/** Where nothing may be mounted, as in a container without CAP_SYS_ADMIN, no file may grow any more: what a full disk means to SQLite. */
export function fullDisk(): FailingDisk {
  const folder = newFolder();
  if (!mounted(folder, `size=${smallDiskBytes}`)) return limitedDisk(folder, logBytes);
  const filler = join(folder, "filler");
  return {
    folder,
    how: `a tmpfs of ${smallDiskBytes >> 20} MiB without a free byte`,
    fail: () => fill(filler),
    mend: () => rmSync(filler),
    remove: () => unmount(folder),
  };
}

/** Takes no write at all, wherever in a file: what a disk that became read-only means to SQLite. */
export function deafDisk(): FailingDisk {
  return limitedDisk(newFolder(), () => 0);
}

/** On which a service can not even start, until `mend`. */
export interface ReadOnlyDisk {
  readonly folder: string;
  readonly how: string;
  /** What the command line of a program begins with that meets it. */
  readonly before: readonly string[];
  mend(): void;
  remove(): void;
}

export function readOnlyDisk(): ReadOnlyDisk {
  const folder = newFolder();
  if (mounted(folder, "ro")) {
    const mend = () => void execFileSync("mount", ["-o", "remount,rw", folder]);
    return { folder, how: "a read-only mount", before: [], mend, remove: () => unmount(folder) };
  }
  needPrlimit();
  return { ...removable(folder), how: limitHow, before: ["prlimit", "--fsize=0:"], mend: () => undefined };
}

const limitHow = "a limit on the size of files (prlimit --fsize)";

function limitedDisk(folder: string, most: (folder: string) => number): FailingDisk {
  needPrlimit();
  // The soft limit alone: who lowers it may raise it again.
  const limit = (pid: number, bytes: number | "unlimited") =>
    void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  return {
    ...removable(folder),
    how: limitHow,
    fail: (pid) => limit(pid, most(folder)),
    mend: (pid) => limit(pid, "unlimited"),
  };
}

function needPrlimit(): void {
  if (spawnSync("prlimit", ["--version"]).status === 0) return;
  throw new Error(
    "no disk can be made to fail here: install util-linux (prlimit), or run as root with CAP_SYS_ADMIN (mount)",
  );
}

function removable(folder: string): Pick<FailingDisk, "folder" | "remove"> {
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
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

/** Lazily: a service that a failed test left behind may still hold a file. */
function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** To the last byte: a refused block is followed by smaller ones. */
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
