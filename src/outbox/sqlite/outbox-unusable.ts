export type UnusableCode = "outbox_locked" | "outbox_unwritable" | "outbox_corrupt";

/** The file cannot be opened. The message names it, the cause and the next step. */
export class OutboxUnusable extends Error {
  readonly code: UnusableCode;

  private constructor(code: UnusableCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }

  /** Null for an error that does not come from the file. */
  static from(cause: unknown, path: string): OutboxUnusable | null {
    const code = codeOf(cause);
    return code === null ? null : new OutboxUnusable(code, messages[code](path), cause);
  }
}

const messages: Readonly<Record<UnusableCode, (path: string) => string>> = {
  outbox_locked: (path) =>
    `the outbox ${path} is in use by another process: stop that one, or give this one another file (one file serves one process)`,
  outbox_unwritable: (path) =>
    `the outbox ${path} cannot be written: check that this user may write the file and its folder, and that the disk has free space`,
  outbox_corrupt: (path) =>
    `the outbox ${path} is not a readable database: restore it from a backup, or move it away to start with an empty one (alerts that wait in it are then not delivered)`,
};

/** Primary result codes, sqlite.org/rescode.html: BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB. */
const bySqlite: ReadonlyMap<number, UnusableCode> = new Map([
  [5, "outbox_locked"],
  [8, "outbox_unwritable"],
  [10, "outbox_unwritable"],
  [11, "outbox_corrupt"],
  [13, "outbox_unwritable"],
  [14, "outbox_unwritable"],
  [26, "outbox_corrupt"],
]);

const bySystem = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOSPC", "ENOENT"]);

function codeOf(cause: unknown): UnusableCode | null {
  if (!(cause instanceof Error)) return null;
  // The lower byte is the primary code; the upper ones refine it.
  if ("errcode" in cause && typeof cause.errcode === "number") return bySqlite.get(cause.errcode & 0xff) ?? null;
  return "code" in cause && bySystem.has(String(cause.code)) ? "outbox_unwritable" : null;
}
