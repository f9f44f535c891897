import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LogFields } from "../observe/log.ts";
import { type ListenAddress, localOrigin } from "./flags.ts";

/** Log fields. A known reason says what to do, without a stack. */
export function startFailure(err: unknown, address: ListenAddress): LogFields {
  const code = codeOf(err);
  const place = localOrigin(address);
  switch (code) {
    case "EADDRINUSE":
      return {
        code,
        reason: `${place} is in use: stop the program that listens there, or choose another --web.listen-address`,
      };
    case "EADDRNOTAVAIL":
      return { code, reason: `${place} is not an address of this machine: correct --web.listen-address` };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { code, reason: `the host of ${place} has no address: correct --web.listen-address` };
    case "EACCES":
      return { code, reason: `this user may not listen on ${place}: choose a port above 1023` };
  }
  if (!(err instanceof Error)) return { err };
  const cause = code === "outbox_away" && err.cause instanceof Error ? err.cause : err;
  // SQLSTATE of a wrong user or password, and of a database that there is not.
  if (/^28|^3D/u.test(codeOf(cause))) {
    return { code, reason: `PostgreSQL refuses the connection: ${cause.message}; correct storage or the password` };
  }
  if (code === "outbox_away") {
    return {
      code,
      reason: `the outbox's database cannot be reached (${cause.message}): correct storage, or start again when it answers`,
    };
  }
  return code.startsWith("outbox_") ? { code, reason: err.message } : { err };
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}

/** Of the machine, or less where its container has a limit. Without a limit Node returns 0, or more than there is. */
export function processMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Where the limit is not known. */
const usualDescriptors = 1_024;

/** How many files and connections this process may have open. Node raises the limit at its start as far as it may. */
export function processDescriptors(): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return Number(limit ?? usualDescriptors);
  } catch {
    return usualDescriptors;
  }
}

const collectAfterMs = 1_000;

/** V8 collects a larger heap by itself. The pause grows with the heap: 30 ms with one bot, 100 ms with 1,000. */
const maxCollectedBytes = 64 * 1024 * 1024;

/**
 * Collects what the start left, once: an idle process allocates too little for V8 to do so. 88 MB stay resident instead
 * of 94 (npm run bench:memory). Another flavor returns nothing to the kernel before V8 collects again, 8 s later.
 */
export function collectAfterStart(): void {
  setTimeout(() => {
    if (process.memoryUsage().heapUsed > maxCollectedBytes) return;
    setFlagsFromString("--expose-gc");
    const collect: NodeJS.GCFunction = runInNewContext("gc");
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
  }, collectAfterMs).unref();
}

export type StopSignal = "SIGTERM" | "SIGINT";

/** Waits for the signal that ends the process. A second one ends it at once, as does one that comes before the start is complete. */
export function untilSignal(isStarted = () => true): Promise<StopSignal> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        if (!isStarted()) process.exit(1);
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}
